import { chown, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { FtpVfs } from '../../lib/index.js'
import { forServers } from '../support/for-servers.js'
import type { RealServer, RealServerName } from '../support/real-servers.js'
import { failure, open } from './vfs-on.js'

// What becomes of a change whose command, or reply, is lost.

/**
 * `command`: the server never gets it, nor what goes with it. `reply`: the last reply to what goes
 * with it is lost. `replies`: all of them are.
 */
type Loss = 'command' | 'reply' | 'replies'

/** Stands in front of a server and loses the first flight of a control connection that holds the verb. */
async function losing(t: Test, server: RealServer, verb: string, loss: Loss): Promise<string> {
  let isMade = false
  const listener = createServer({ noDelay: true }, client => {
    const upstream = connect({ port: server.port, host: server.host, noDelay: true })
    /** Replies to come to the flight that is lost. */
    let left: number | undefined
    const reset = (): void => {
      client.resetAndDestroy()
      upstream.resetAndDestroy()
    }
    client.on('data', chunk => {
      const text = chunk.toString('latin1')
      const isHere = !isMade && new RegExp(`^${verb} `, 'm').test(text)
      isMade ||= isHere
      if (isHere && loss === 'command') return reset()
      if (isHere) left = text.split('\n').length - 1
      upstream.write(chunk)
    })
    upstream.on('data', chunk => {
      if (left === undefined) return client.write(chunk)
      let kept = ''
      for (const line of chunk.toString('latin1').split(/(?<=\n)/)) {
        if (/^\d{3} /.test(line)) left -= 1
        if (left > 0 && loss === 'reply') kept += line
      }
      client.write(kept, 'latin1')
      // What was written is to arrive before the reset does.
      if (left <= 0) setTimeout(reset, 20)
    })
    for (const socket of [client, upstream]) socket.on('error', () => {})
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  t.teardown(() => void listener.close())
  const { port } = listener.address() as AddressInfo
  return `ftp://${server.user}:${server.password}@127.0.0.1:${port}/`
}

interface Change {
  verb: string
  work: (vfs: FtpVfs) => Promise<unknown>
  /** What it needs, and what it leaves. */
  needs: string[]
  leaves: string[]
  /** With what it is refused, and how. */
  refusedBy: string[]
  code: string
  only?: RealServerName[]
}

// A name with a slash at its end is a folder.
const changes: Change[] = [
  {
    verb: 'MKD',
    work: vfs => vfs.mkdir('/lock'),
    needs: [],
    leaves: ['lock/'],
    refusedBy: ['lock/'],
    code: 'EEXIST',
  },
  {
    verb: 'RMD',
    work: vfs => vfs.rmdir('/lock'),
    needs: ['lock/'],
    leaves: [],
    refusedBy: [],
    code: 'ENOENT',
  },
  {
    verb: 'DELE',
    work: vfs => vfs.unlink('/lock'),
    needs: ['lock'],
    leaves: [],
    refusedBy: [],
    code: 'ENOENT',
  },
  {
    verb: 'RNTO',
    work: vfs => vfs.rename('/token', '/lock'),
    needs: ['token'],
    leaves: ['lock'],
    refusedBy: ['lock'],
    code: 'ENOENT',
  },
  {
    verb: 'SITE SYMLINK',
    work: vfs => vfs.symlink('/token', '/lock'),
    needs: ['token'],
    leaves: ['lock', 'token'],
    refusedBy: ['lock', 'token'],
    code: 'EEXIST',
    only: ['proftpd'],
  },
]

for (const { verb, work, needs, leaves, refusedBy, code, only } of changes) {
  await forServers(
    t,
    `${verb} that is lost`,
    async (t, server) => {
      const losses: [Loss, there: string[], ends: string | undefined][] = [
        ['command', needs, undefined],
        ['command', refusedBy, 'ERR_FTP_CONNECTION_LOST'],
        ['reply', needs, undefined],
        ['reply', refusedBy, code],
        ['replies', needs, 'ERR_FTP_CONNECTION_LOST'],
      ]
      for (const [loss, there, ends] of losses) {
        const title = `${there === needs ? 'it can be done' : 'it is refused'}, its ${loss} lost`
        await t.test(`${title}: ${ends ?? 'done'}`, async t => {
          for (const name of await readdir(server.root)) await clear(server, name)
          for (const name of there) await lay(server, name)
          const before = await names(server)
          const vfs = open(t, await losing(t, server, verb, loss), { connections: 1 })
          await vfs.stat('/')
          if (ends === undefined) await work(vfs)
          else t.equal((await failure(work(vfs))).code, ends)
          t.same(await names(server), there === needs ? leaves : before)
        })
      }
    },
    only ? { only } : {},
  )
}

async function lay({ root }: RealServer, name: string): Promise<void> {
  const path = join(root, name)
  const { uid, gid } = await stat(root)
  await (name.endsWith('/') ? mkdir(path) : writeFile(path, 'content'))
  await chown(path, uid, gid)
}

async function clear({ root }: RealServer, name: string): Promise<void> {
  await rm(join(root, name), { recursive: true })
}

async function names({ root }: RealServer): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true })
  return entries.map(entry => `${entry.name}${entry.isDirectory() ? '/' : ''}`).sort()
}
