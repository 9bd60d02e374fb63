import * as nodeFs from 'node:fs'
import t, { type Test } from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { startEmbeddedServer } from '../support/embedded-server.js'
import { forServers } from '../support/for-servers.js'
import { fileHandleRows } from './file-handle.js'
import { functionRows, otherRows, promiseRows } from './functions.js'
import { page, pageFile } from './page.js'
import { pathRows } from './paths.js'
import { isInNode, type Row, type Rows, type ServerName } from './row.js'
import { tryAll, type Outside } from './try-all.js'

// In a run on the real servers the embedded one has had its turn in `npm test`.
const embedded = !process.env['FTP_VFS_SERVERS']

async function probes(t: Test, url: string, server: ServerName, outside: Outside): Promise<void> {
  await using vfs = new FtpVfs(url, { unsupportedMetadata: 'throw' })
  t.same(await tryAll(vfs.fs, server, outside), {}, 'all is as docs/fs-parity.md says')
}

if (embedded) {
  t.test('docs/fs-parity.md is what the tables say', async t => {
    const text = nodeFs.readFileSync(pageFile, 'utf8')
    t.equal(text, page(), 'npm run docs:parity writes it')
  })

  await t.test('ftp-srv', async t => {
    await using server = await startEmbeddedServer()
    const vfs = new FtpVfs(server.url)
    await t.test('the tables have every name of this Node, and vfs.fs every name of the tables', async t => {
      compare(t, 'fs', names({ ...functionRows, ...otherRows }, pathRows), nodeFs, vfs.fs)
      compare(t, 'fs.promises', names(promiseRows, pathRows), nodeFs.promises, vfs.fs.promises)
      const ours = await vfs.open('/file', 'w')
      const theirs = await nodeFs.promises.open(process.execPath)
      compare(t, 'FileHandle', names(fileHandleRows), face(theirs), face(ours))
      await theirs.close()
      await ours.close()
    })
    await t.test('synchronous functions are there, and ENOTSUP', async t => {
      const functions = vfs.fs as unknown as Record<string, () => void>
      for (const name of Object.keys(nodeFs).filter(isSynchronous)) {
        t.throws(() => functions[name]!(), { code: 'ENOTSUP' }, name)
      }
    })
    await vfs.close()
    await t.test('probes', t =>
      probes(t, server.url, 'ftp-srv', { fs: server.fs as unknown as typeof nodeFs, root: '' }),
    )
  })
}

await forServers(t, 'probes', (t, { url, name, root }) => probes(t, url, name, { fs: nodeFs, root }))

/** What a handle has, where it has it itself or by its class. */
function face(handle: object): object {
  const names = [...Object.getOwnPropertyNames(Object.getPrototypeOf(handle)), 'close']
  const known = names.filter(name => name in handle)
  if (Symbol.asyncDispose in handle) known.push('Symbol.asyncDispose')
  return Object.fromEntries(known.map(name => [name, true]))
}

function isSynchronous(name: string): boolean {
  return name.endsWith('Sync')
}

/** The names of a table, with their rows. */
function names(rows: Rows<never[]>, more: Rows<never[]> = {}): Map<string, Row<never[]>> {
  const all = Object.entries({ ...rows, ...more })
  return new Map(all.flatMap(([names, row]) => names.split(', ').map(name => [name, row] as const)))
}

function compare(t: Test, what: string, table: ReturnType<typeof names>, theirs: object, ours: object): void {
  const others = ['constructor', 'default', 'module.exports', 'promises']
  const inNode = Object.getOwnPropertyNames(theirs).filter(
    name => !others.includes(name) && !isSynchronous(name),
  )
  const rows = [...table]
  const unknown = inNode.filter(name => !table.has(name))
  t.same(unknown, [], `${what}: in Node, and not in the table`)
  // What no version stands behind is in Node 20; a later one may have dropped it.
  const told = rows.filter(([, { since }]) => since !== undefined || !isInNode('21'))
  const since = told.filter(([name, row]) => name in theirs !== isInNode(row.since))
  t.same(since, [], `${what}: in Node or not, other than the table says`)
  // What no server can do is there as far as Node has it.
  const expected = (row: Row<never[]>): boolean => !row.missing && (!row.lacks || isInNode(row.since))
  const wrong = rows.filter(([name, row]) => name in ours !== expected(row))
  t.same(wrong, [], `${what}: in vfs.fs or not, other than the table says`)
}
