/** 1 GiB, 4 KiB. */
export function size(bytes: number): string {
  const power = bytes > 0 ? Math.min(3, Math.floor(Math.log2(bytes) / 10)) : 0
  return `${bytes / 2 ** (10 * power)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`
}
