/** Shared memory, and the part of it that one holder has. In bytes. */
export interface Holding {
  readonly limit: number
  /** Held by all holders together. */
  readonly used: number
  readonly held: number
}

/**
 * Whether a holder may take so many more bytes: it may hold at most as many as are free afterwards.
 * So a single holder gets half of the memory, a new one finds as much free as the largest holds,
 * and n holders that always want more get limit / (n + 1) each.
 *
 * Source: A. Choudhury, E. Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet
 * Switches", 1998.
 */
export function mayHold({ limit, used, held }: Holding, bytes: number): boolean {
  return held + bytes <= limit - used - bytes
}
