/** An address as IPv4 writes it, where a socket for both versions shows it in the form of IPv6. */
export function ipv4Form(address = ''): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}
