import t, { type Test } from 'tap'
import { forServers } from '../support/for-servers.js'
import { FtpVfs } from '../../lib/index.js'
import type { Script } from '../support/scripted-server.js'
import { failureOf, greetings, scriptedVfs } from './scripted-vfs.js'

type Attempt = (vfs: FtpVfs, path: string) => Promise<unknown>

const read: Attempt = (vfs, path) => vfs.readFile(path)
const write: Attempt = (vfs, path) => vfs.writeFile(path, 'new')
const append: Attempt = (vfs, path) => vfs.appendFile(path, 'new')
const list: Attempt = (vfs, path) => vfs.readdir(path)
const unlink: Attempt = (vfs, path) => vfs.unlink(path)
const rmdir: Attempt = (vfs, path) => vfs.rmdir(path)
const mkdir: Attempt = (vfs, path) => vfs.mkdir(path)
const stat: Attempt = (vfs, path) => vfs.stat(path)
const utimes: Attempt = (vfs, path) => vfs.utimes(path, 0, 0)
const chmod: Attempt = (vfs, path) => vfs.chmod(path, 0o600)
const rename: Attempt = (vfs, path) => vfs.rename(path, '/new')
const renameTo: Attempt = (vfs, path) => vfs.rename('/file', path)
const renameFolderTo: Attempt = (vfs, path) => vfs.rename('/empty', path)

const attempts = {
  read,
  write,
  append,
  list,
  unlink,
  rmdir,
  mkdir,
  stat,
  utimes,
  chmod,
  rename,
  renameTo,
  renameFolderTo,
}
type Situation = 'missing' | 'missing parent' | 'file as parent' | 'folder' | 'full folder' | 'file'

const where: Record<Situation, string> = {
  missing: '/none',
  'missing parent': '/none/below',
  'file as parent': '/file/below',
  folder: '/empty',
  'full folder': '/full',
  file: '/other',
}

/** Node's error for each attempt in each situation; undefined if it succeeds. */
const expected: Record<keyof typeof attempts, Record<Situation, string | undefined>> = {
  read: row('ENOENT', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EISDIR', undefined),
  write: row(undefined, 'ENOENT', 'ENOTDIR', 'EISDIR', 'EISDIR', undefined),
  append: row(undefined, 'ENOENT', 'ENOTDIR', 'EISDIR', 'EISDIR', undefined),
  list: row('ENOENT', 'ENOENT', 'ENOTDIR', undefined, undefined, 'ENOTDIR'),
  unlink: row('ENOENT', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EISDIR', undefined),
  rmdir: row('ENOENT', 'ENOENT', 'ENOTDIR', undefined, 'ENOTEMPTY', 'ENOTDIR'),
  mkdir: row(undefined, 'ENOENT', 'ENOTDIR', 'EEXIST', 'EEXIST', 'EEXIST'),
  stat: row('ENOENT', 'ENOENT', 'ENOTDIR', undefined, undefined, undefined),
  utimes: row('ENOENT', 'ENOENT', 'ENOTDIR', undefined, undefined, undefined),
  chmod: row('ENOENT', 'ENOENT', 'ENOTDIR', undefined, undefined, undefined),
  rename: row('ENOENT', 'ENOENT', 'ENOTDIR', undefined, undefined, undefined),
  renameTo: row(undefined, 'ENOENT', 'ENOTDIR', 'EISDIR', 'EISDIR', undefined),
  renameFolderTo: row(undefined, 'ENOENT', 'ENOTDIR', undefined, 'ENOTEMPTY', 'ENOTDIR'),
}

function row(...codes: (string | undefined)[]): Record<Situation, string | undefined> {
  const situations = Object.keys(where) as Situation[]
  return Object.fromEntries(situations.map((situation, i) => [situation, codes[i]])) as Record<
    Situation,
    string | undefined
  >
}

const files = { '/file': 'x', '/other': 'y', '/empty': null, '/full/x': 'z' }

/** The wordings of refusals. A server uses one of them for any command that fails. */
const wordings: Record<string, Script> = {
  'with a reason': {},
  'as vsftpd does, with none': refusing(greetings.vsftpd, '550 Operation failed.', { mlst: false }),
  'as Pure-FTPd does': refusing(greetings.pureFtpd, "553 Can't do that"),
  'by 501, and the reason': refusing('220 somebody', '501 No such directory.'),
  'by 450': refusing('220 somebody', '450 Not possible', { mlst: false }),
  'in another language': refusing('220 somebody', '550 Geht nicht', { mlst: false }),
}

function refusing(greeting: string, text: string, script: Script = {}): Script {
  const on: Script['on'] = {}
  for (const verb of ['RETR', 'STOR', 'APPE', 'DELE', 'RMD', 'MKD', 'RNFR', 'RNTO', 'MFMT', 'SITE']) {
    on[verb] = ctx =>
      ctx.next().catch((refusal: Error) => {
        refusal.message = text
        throw refusal
      })
  }
  return { greeting, on, ...script }
}

for (const [wording, script] of Object.entries(wordings)) {
  t.test(`every attempt in every situation, on a server that refuses ${wording}`, async t => {
    for (const [name, attempt] of Object.entries(attempts)) {
      await t.test(name, async t => {
        for (const [situation, code] of Object.entries(expected[name as keyof typeof attempts])) {
          if (code === undefined) continue
          if (name === 'utimes' && script.greeting === greetings.vsftpd) continue
          const { vfs } = await scriptedVfs(t, { files, ...script })
          const error = await failureOf(attempt(vfs, where[situation as Situation]))
          t.equal(error.code, code, `${situation}: ${error.message}`)
          t.type(error.errno, 'number')
          // On an unrecognised server the kind of the path is asked for before DELE and RMD.
          const asked = (name === 'unlink' || name === 'rmdir') && situation !== 'missing'
          if (!asked) t.ok(error.cause, 'with the reply as its cause')
        }
      })
    }
  })
}

t.test('the reason that a reply gives', async t => {
  const reasons: [reply: string, code: string][] = [
    ['552 Quota exceeded', 'ENOSPC'],
    ['452 Insufficient storage space', 'ENOSPC'],
    ['550 No space left on device', 'ENOSPC'],
    ['550 Read-only file system', 'EROFS'],
    ['553 File name too long', 'ENAMETOOLONG'],
    ['550 Too many levels of symbolic links', 'ELOOP'],
    ['550 Permission denied', 'EACCES'],
    ['553 Operation not permitted', 'EACCES'],
    ['500 What?', 'ENOTSUP'],
    ['502 Not implemented', 'ENOTSUP'],
  ]
  for (const [reply, code] of reasons) {
    await t.test(reply, async t => {
      const { vfs } = await scriptedVfs(t, { files, on: { STOR: ctx => ctx.reply(reply) } })
      t.match(await failureOf(vfs.writeFile('/file', 'new')), {
        code,
        cause: { code: Number(reply.slice(0, 3)) },
      })
    })
  }

  for (const [reply, code] of [
    ['550 Failed', 'EACCES'],
    ['450 Failed', 'EBUSY'],
    ['451 Failed', 'EIO'],
    ['451 Permission denied', 'EACCES'],
  ] as const) {
    await t.test(`an existing file, and ${reply}`, async t => {
      for (const [verb, attempt] of [
        ['DELE', unlink],
        ['RETR', read],
        ['STOR', write],
        ['RNTO', rename],
        ['SITE', chmod],
      ] as const) {
        if (verb === 'RETR' && reply.startsWith('451')) continue
        const { vfs } = await scriptedVfs(t, { files, on: { [verb]: ctx => ctx.reply(reply) } })
        t.match(await failureOf(attempt(vfs, '/file')), { code }, verb)
      }
    })
  }

  await t.test('a name that sounds like a reason is none', async t => {
    const names = ['no space left', 'quota', 'disk full', 'read-only file system', 'Permission denied']
    for (const name of names) {
      const echo = async (t: Test): Promise<FtpVfs> => {
        const { vfs } = await scriptedVfs(t, {
          files: { [`/${name}`]: null },
          on: {
            RETR: ctx => ctx.reply(`550 ${ctx.path}: No such file`),
            RMD: ctx => ctx.reply(`550 ${ctx.path}: No such file`),
          },
        })
        return vfs
      }
      t.match(await failureOf((await echo(t)).readFile(`/${name}`)), { code: 'EISDIR' }, name)
      t.match(await failureOf((await echo(t)).readFile(`/${name}/none`)), { code: 'ENOENT' }, name)
    }
  })

  await t.test('a name that is too long, if the server does not say so', async t => {
    const { vfs } = await scriptedVfs(t, {
      on: { STOR: ctx => ctx.reply('553 Could not create file.'), MKD: ctx => ctx.reply('550 Failed.') },
    })
    const name = `/${'é'.repeat(128)}`
    t.match(await failureOf(vfs.writeFile(name, '')), { code: 'ENAMETOOLONG' })
    t.match(await failureOf(vfs.mkdir(name)), { code: 'ENAMETOOLONG' })
    t.match(await failureOf(vfs.stat(name)), { code: 'ENAMETOOLONG' })
  })
})

t.test('one session is enough to ask for the reason', async t => {
  const { vfs, server } = await scriptedVfs(t, { ...wordings['as vsftpd does, with none'], files })
  await Promise.all(Object.values(attempts).map(async attempt => failureOf(attempt(vfs, '/none/below'))))
  t.equal(server.connections, 1)
  t.equal(vfs.stats().busy, 0)
})

await forServers(t, 'every attempt in every situation', async (t, { name, url }) => {
  await using vfs = new FtpVfs(url, { connections: 2 })
  await vfs.mkdir('/full')
  await vfs.mkdir('/empty')
  for (const file of ['/file', '/other', '/full/x']) await vfs.writeFile(file, 'x')
  for (const [attemptName, attempt] of Object.entries(attempts)) {
    for (const [situation, code] of Object.entries(expected[attemptName as keyof typeof attempts])) {
      if (code === undefined) continue
      const error = await failureOf(attempt(vfs, where[situation as Situation]))
      t.equal(error.code, code, `${name}: ${attemptName}, ${situation}: ${error.message}`)
    }
  }
})

t.test('a folder that can be entered but not listed is not reported as full', async t => {
  const { vfs } = await scriptedVfs(t, {
    files: { '/closed/x': '', '/folder': null },
    on: {
      RMD: ctx => ctx.reply('550 No'),
      RNTO: ctx => ctx.reply('550 No'),
      MLSD: ctx => ctx.reply('550 No'),
    },
  })
  t.match(await failureOf(vfs.rmdir('/closed')), { code: 'EACCES', cause: { code: 550 } })
  t.match(await failureOf(vfs.rename('/folder', '/closed')), { code: 'EACCES', cause: { code: 550 } })
})

t.test('Pure-FTPd never gets a CWD after one that may have failed: it would sleep', async t => {
  const { vfs, sent } = await scriptedVfs(t, { greeting: greetings.pureFtpd })
  t.match(await failureOf(vfs.mkdir('/none/at/all')), { code: 'ENOENT' })
  const asked = sent().filter(line => line.startsWith('CWD'))
  t.same(
    asked,
    ['/', '/none', '/none/at', '/none/at/all'].flatMap(path => [`CWD ${path}`, 'CWD /']),
  )
})
