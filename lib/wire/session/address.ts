/** Converts an IPv4-mapped IPv6 address, as a dual-stack socket shows it, to plain IPv4. */
export function ipv4Form(address = ''): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}
