import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { forServers } from '../support/for-servers.js'
import type { RealServer, RealServerName } from '../support/real-servers.js'
import { recordControl } from '../support/recording-proxy.js'
import { failure, open } from './vfs-on.js'

// What a failed write leaves on a server, and what it does not take away.

const MiB = 2 ** 20
const old = Buffer.alloc(3 * MiB, 1)
const fresh = Buffer.alloc(3 * MiB, 2)

/** Servers that show a file only when it is whole, and the old one until then. */
const hiding: [RealServerName, settings: string[]][] = [
  ['proftpd', ['HiddenStores on']],
  ['pure-ftpd', ['-0']],
]

for (const [name, settings] of hiding) {
  const options = { only: [name], settings }
  const title = `${settings.join()}: the old file stays`

  await forServers(
    t,
    `${title} when the source of writeFile fails midway`,
    async (t, server) => {
      const vfs = open(t, server.url)
      await put(server, old)
      const source = async function* () {
        yield fresh.subarray(0, 2 * MiB)
        await beginsToStore(server)
        throw new Error('The source fails')
      }
      await t.rejects(vfs.writeFile('/file', source()), { message: 'The source fails' })
      await vfs.close()
      t.ok(old.equals(await stored(server)))
    },
    options,
  )

  await forServers(
    t,
    `${title} when upload is aborted`,
    async (t, server) => {
      // Pure-FTPd 1.0.50 puts the part that came in the file's place, however an upload is broken off.
      const vfs = open(t, server.url, { atomicUploads: name === 'pure-ftpd' })
      await put(server, old)
      const local = join(await temporary(t), 'local')
      // Much more than is sent until it is aborted. It takes no room on the disk.
      await writeFile(local, '')
      await truncate(local, 256 * MiB)
      const abort = new AbortController()
      const upload = vfs.upload(local, '/file', { signal: abort.signal })
      void beginsToStore(server).then(() => abort.abort())
      const error: Error & { incomplete?: string } = await failure(upload)
      t.equal(error.name, 'AbortError')
      t.equal(error.incomplete, undefined)
      await vfs.close()
      t.ok(old.equals(await stored(server)))
      t.same(await readdir(server.root), ['file'])
    },
    options,
  )
}

// Pure-FTPd 1.0.50 takes APPE for STOR with -0: the new file holds the appended bytes alone.
await forServers(
  t,
  'an append keeps what is there, where the server would replace it',
  async (t, server) => {
    const vfs = open(t, server.url)
    await put(server, Buffer.from('old'))
    await vfs.appendFile('/file', 'new')
    t.equal(String(await stored(server)), 'oldnew')
    const handle = await vfs.open('/file', 'a')
    await handle.writeFile('er')
    await handle.close()
    t.equal(String(await stored(server)), 'oldnewer')
    t.same(await readdir(server.root), ['file'], 'nothing is left of what it was tried with')
  },
  { only: ['pure-ftpd'], settings: ['-0'] },
)

const denied = ['SIZE', 'MDTM', 'MLSD', 'MLST', 'LIST', 'NLST', 'STAT', 'DELE', 'RETR']

/** What is stored in a drop box can be neither seen nor removed: no size can be asked. */
const dropBoxes: [RealServerName, settings: string[]][] = [
  ['vsftpd', [`cmds_denied=${denied.join()}`]],
  ['proftpd', ['<Directory />', `<Limit ${denied.join(' ')}>`, 'DenyAll', '</Limit>', '</Directory>']],
]

for (const [name, settings] of dropBoxes) {
  for (const [size, bytes] of Object.entries({ '9 bytes': fresh.subarray(0, 9), '3 MiB': fresh })) {
    await forServers(
      t,
      `a file of ${size} in a drop box is there, but not verified`,
      async (t, server) => {
        const vfs = open(t, server.url)
        const error: NodeJS.ErrnoException & { actual?: number } = await failure(
          vfs.writeFile('/file', bytes),
        )
        t.equal(error.code, 'ERR_FTP_UPLOAD_VERIFY')
        t.equal(error.actual, undefined)
        t.match(error.message, 'verifyUploads: false', 'the message says what can be done')
        t.ok(bytes.equals(await stored(server)))
      },
      { only: [name], settings },
    )

    await forServers(
      t,
      `with verifyUploads: false a file of ${size} is stored in a drop box, and not again and again`,
      async (t, server) => {
        await using proxy = await recordControl(server)
        const { user, password } = server
        const url = `ftp://${user}:${password}@127.0.0.1:${proxy.port}/`
        const vfs = open(t, url, { verifyUploads: false })
        await vfs.writeFile('/file', bytes)
        t.ok(bytes.equals(await stored(server)))
        const times = proxy.commands.filter(command => command.startsWith('STOR ')).length
        t.ok(times === 1 || times === 2, `STOR ${times} times`)
        await vfs.close()
      },
      { only: [name], settings },
    )
  }
}

// Pure-FTPd 1.0.50 denies no commands. SIZE and MDTM tell of files that can be neither read, listed
// nor removed.
await forServers(
  t,
  'in the drop box of Pure-FTPd a file is verified',
  async (t, server) => {
    const vfs = open(t, server.url)
    const box = join(server.root, 'box')
    const { uid, gid } = await stat(server.root)
    await mkdir(box)
    await chown(box, uid, gid)
    await chmod(box, 0o300)
    await vfs.writeFile('/box/file', fresh)
    t.ok(fresh.equals(await readFile(join(box, 'file'))))
    await t.rejects(vfs.readFile('/box/file'), { code: 'EACCES' })
  },
  { only: ['pure-ftpd'], settings: ['--keepallfiles', '--umask', '777:022'] },
)

// Pure-FTPd 1.0.50 with -r never replaces a file: STOR over one is answered 150 and `226-File
// successfully transferred`, as ever, without the name `file.1` that it gives to what it has
// stored. An APPE behind it, in the same session, replaces the file all the same.
for (const [age, seconds] of Object.entries({ 'a new one': 2, 'an old one': 1e9 })) {
  for (const size of [9, fresh.length]) {
    await forServers(
      t,
      `-r: ${size} bytes are not taken for stored where a file of that size, ${age}, stays`,
      async (t, server) => {
        const vfs = open(t, server.url)
        await put(server, old.subarray(0, size))
        const time = Date.now() / 1000 - seconds
        await utimes(join(server.root, 'file'), time, time)
        const error = await failure(vfs.writeFile('/file', fresh.subarray(0, size)))
        t.equal(error.code, 'ERR_FTP_UPLOAD_VERIFY')
        t.ok(old.subarray(0, size).equals(await stored(server)))
      },
      { only: ['pure-ftpd'], settings: ['-r'] },
    )
  }
}

async function put({ root }: RealServer, bytes: Buffer): Promise<void> {
  const file = join(root, 'file')
  await writeFile(file, bytes)
  await chmod(file, 0o666)
}

function stored({ root }: RealServer): Promise<Buffer> {
  return readFile(join(root, 'file'))
}

/** Resolves when the server keeps first bytes under a hidden name; a second later at the latest. */
async function beginsToStore({ root }: RealServer): Promise<void> {
  for (const end = Date.now() + 1000; Date.now() < end; await sleep(5)) {
    if ((await readdir(root)).some(name => name.startsWith('.'))) return
  }
}

async function temporary(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ftp-vfs-clean-up-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return folder
}
