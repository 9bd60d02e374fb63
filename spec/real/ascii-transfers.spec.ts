import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { forServers } from '../support/for-servers.js'
import { failure, open } from './vfs-on.js'

const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}`)
const [wire, disk] = ['\r\n', '\n'].map(end => lines.map(line => line + end).join(''))

// Pure-FTPd 1.0.50 and pyftpdlib 1.5.7 convert otherwise; ProFTPD refuses SIZE in TYPE A.
for (const [only, settings] of [
  ['vsftpd', ['ascii_upload_enable=YES', 'ascii_download_enable=YES']],
  ['proftpd', []],
] as const)
  await forServers(
    t,
    "transferType 'ascii': the server converts line ends",
    async (t, { name, url, root }) => {
      const vfs = open(t, url, { transferType: 'ascii' })
      await vfs.writeFile('/written', wire!)
      const stream = vfs.createWriteStream('/streamed')
      stream.write(wire!)
      await new Promise<void>((resolve, reject) => stream.on('error', reject).end(resolve))
      await vfs.copyFile('/written', '/copied')
      for (const file of ['written', 'streamed', 'copied'])
        t.ok((await readFile(join(root, file), 'latin1')) === disk, `${file} has LF on the disk of ${name}`)
      t.ok((await vfs.readFile('/written', 'latin1')) === wire, 'and CR LF on the wire')
      t.ok((await text(vfs.createReadStream('/written'))) === wire, 'by a stream, too')
      await vfs.rename('/copied', '/renamed')
      t.equal((await vfs.stat('/renamed')).size, disk!.length)
      t.notOk(await vfs.exists('/copied'))
      t.equal((await failure(vfs.readFile('/copied'))).code, 'ENOENT')
      t.equal((await failure(vfs.appendFile('/written', 'x'))).code, 'ENOTSUP')
      await vfs.mkdir('/folder')
      await vfs.cp('/written', '/folder/written')
      t.same((await vfs.readdir('/folder')).sort(), ['written'])
      await vfs.rm('/folder', { recursive: true })
      t.notOk(await vfs.exists('/folder'))
      await vfs.utimes('/written', 0, 1_700_000_000)
      t.equal((await vfs.stat('/written')).mtimeMs, 1_700_000_000_000)
    },
    { only: [only], settings },
  )
