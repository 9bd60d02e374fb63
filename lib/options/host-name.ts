import { isIPv6 } from 'node:net'

/**
 * A host name or address as the URL standard writes it: lower case, international names in punycode, IPv4 as four
 * numbers, IPv6 shortened and without brackets (a zone such as `%eth0` stays). Undefined if it is none.
 *
 * Source: WHATWG URL, "host parsing" of special schemes; for the zone, RFC 4007 section 11.
 */
export function hostName(text: string): string | undefined {
  const literal = /^\[(.*)\]$/s.exec(text)?.[1] ?? text
  if (isIPv6(literal)) {
    const [address, zone] = literal.split('%')
    const canonical = parsed(`[${address}]`)?.slice(1, -1)
    return canonical !== undefined && zone !== undefined ? `${canonical}%${zone}` : canonical
  }
  // The URL parser would drop some of these, and take others for the end of the host.
  return /[\0-\x20\x7f/\\?#@:%[\]]/.test(text) ? undefined : parsed(text)
}

function parsed(host: string): string | undefined {
  try {
    return new URL(`ftp://${host}/`).hostname || undefined
  } catch {
    return undefined
  }
}
