import t from 'tap'
import { ipv4Form } from '../../../lib/wire/session/address.js'

await t.test('an IPv4-mapped IPv6 address becomes plain IPv4', async t => {
  t.equal(ipv4Form('::ffff:192.0.2.1'), '192.0.2.1')
  t.equal(ipv4Form('::FFFF:192.0.2.1'), '192.0.2.1')
})

await t.test('other addresses stay as they are', async t => {
  for (const address of ['192.0.2.1', '::1', '2001:db8::1', '::ffff:c000:201', 'fe80::1%eth0']) {
    t.equal(ipv4Form(address), address)
  }
  t.equal(ipv4Form(undefined), '')
})
