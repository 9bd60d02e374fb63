import { chmod, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { hashesOf, makeAuthority } from '../support/certificates.js'
import { forServers } from '../support/for-servers.js'
import type { RealServer } from '../support/real-servers.js'
import { nextTurn, warnings } from './vfs-on.js'

const authority = await makeAuthority()
const issued = await authority.issue()
const { sha1, sha256 } = hashesOf(issued.cert)

/** One that everybody may write to. */
async function makeFolder({ root }: RealServer): Promise<void> {
  await mkdir(join(root, 'folder'))
  await chmod(join(root, 'folder'), 0o777)
}

/** Everything is in the URL. */
async function works(t: Test, { host, port, user, password, root }: RealServer, form: string): Promise<void> {
  const url = form.replace('HOST', `${user}:${password}@${host}:${port}`)
  const vfs = new FtpVfs(url)
  t.teardown(() => vfs.close())
  await vfs.writeFile('/file', form)
  t.equal(await readFile(join(root, 'folder/file'), 'utf8'), form, form)
  t.equal(await vfs.readFile('/file', 'utf8'), form)
  t.same(await vfs.readdir('/'), ['file'])
  await vfs.close()
}

await forServers(
  t,
  'ftpes: and others that turn to TLS by AUTH TLS',
  async (t, server) => {
    await makeFolder(server)
    const codes = warnings(t)
    for (const form of [
      `ftpes://HOST/folder?accept-specified-ssl-hash=${sha1}`,
      `ftpes://HOST/folder?accept-specified-ssl-hash=00112233445566778899aabbccddeeff00112233,${sha256}&connections=1`,
      `ftpes://HOST//folder?accept-specified-ssl-hash=${sha256}&ftp-data-connection-type=AutoActive`,
      `ftp://HOST/folder?ftp-encryption-mode=Explicit&accept-specified-ssl-hash=${sha1}&ftp-ssl-protocols=Tls12`,
      `ftp://HOST/folder?ftp-encryption-mode=auto&accept-specified-ssl-hash=${sha1}&ftp-data-connection-type=PASVEX`,
      `aftp://HOST/folder?aftp-encryption-mode=Explicit&accept-specified-ssl-hash=${sha1}&aftp-ssl-protocols=Tls13`,
      `aftp://HOST/folder?aftp-encryption-mode=Explicit&aftp-relative-path&accept-specified-ssl-hash=${sha1}`,
    ])
      await works(t, server, form)
    await nextTurn()
    t.same(codes, [])
    await works(t, server, 'ftpes://HOST/folder?accept-any-ssl-certificate')
    await nextTurn()
    t.same(codes, ['FTP_VFS_ANY_CERTIFICATE'])
  },
  { tls: issued },
)

await forServers(
  t,
  'ftps: is TLS from the first byte',
  async (t, server) => {
    await makeFolder(server)
    for (const form of [
      `ftps://HOST/folder?accept-specified-ssl-hash=${sha256}`,
      `ftps://HOST/folder?accept-specified-ssl-hash=${sha1}&ftp-data-connection-type=PORT`,
      `ftp://HOST/folder?ftp-encryption-mode=Implicit&accept-specified-ssl-hash=${sha1}`,
      `aftp://HOST/folder?aftp-encryption-mode=implicit&accept-specified-ssl-hash=${sha1}`,
    ])
      await works(t, server, form)
  },
  // Pure-FTPd 1.0.50 has none.
  { tls: { ...issued, implicit: true }, only: ['vsftpd', 'proftpd', 'pyftpdlib'] },
)

await forServers(t, 'aftp: is plain FTP with absolute paths', async (t, server) => {
  await makeFolder(server)
  for (const form of [
    'aftp://HOST/folder',
    'aftp://HOST/folder?aftp-data-connection-type=PassiveAllowUnroutable&connections=2',
    'aftp://HOST/folder?aftp-encryption-mode=None&short-timeout=5s&read-write-timeout=1m&disable-upload-verify=true',
    'ftp://HOST/folder?ftp-absolute-path&ftp-data-connection-type=EPRT',
  ])
    await works(t, server, form)
})
