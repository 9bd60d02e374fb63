/** The memory that several share, and what one of them holds of it. Bytes. */
export interface Holding {
  readonly limit: number
  /** All together. */
  readonly used: number
  readonly held: number
}

/**
 * Whether one may hold so many bytes more: not more than are free behind that. So it finds half of
 * all while it is alone, those that come find as much as the largest has, and of n that want ever
 * more each has limit / (n + 1).
 *
 * Source: A. Choudhury, E. Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet
 * Switches", 1998.
 */
export function mayHold({ limit, used, held }: Holding, bytes: number): boolean {
  return held + bytes <= limit - used - bytes
}
