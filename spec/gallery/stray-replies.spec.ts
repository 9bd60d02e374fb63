import fc from 'fast-check'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { startScriptedServer, type Handler, type ScriptedServer } from '../support/scripted-server.js'

/** What a server does wrong at one command. */
interface Fault {
  /** A reply in front of the command's own, behind it, or its own said twice or later than the next. */
  readonly how: 'before' | 'behind' | 'twice' | 'late'
  readonly text: string
}

const texts = [
  '226 Transfer complete',
  '250 OK',
  '200 OK',
  '213 7',
  '213 20200102030405',
  '257 "/" is the current directory',
  '350 To what?',
  '331 Password',
  '229 Entering (|||1|)',
  '550 No such file or directory',
]
const verbs = ['SIZE', 'MDTM', 'CWD', 'MLST', 'DELE', 'RNFR', 'RNTO', 'EPSV', 'RETR', 'STOR', 'OPTS', 'PWD']

/** Handlers that take the next fault with each command. */
function faulty(faults: (Fault | undefined)[], own: Record<string, Handler>): Record<string, Handler> {
  let late: (() => void) | undefined
  const handler =
    (verb: string): Handler =>
    async ctx => {
      const fault = ctx.connection.loggedIn ? faults.shift() : undefined
      const before = late
      late = undefined
      const reply = ctx.reply.bind(ctx)
      if (fault?.how === 'before') reply(fault.text)
      if (fault?.how === 'twice') ctx.reply = text => (reply(text), reply(text))
      if (fault?.how === 'late') ctx.reply = text => void (late = () => reply(text))
      await (own[verb] ?? (each => each.next()))(ctx)
      if (fault?.how === 'behind') reply(fault.text)
      before?.()
    }
  return Object.fromEntries(verbs.map(verb => [verb, handler(verb)]))
}

const files = { '/a': 'abc', '/b': 'abcdef', '/locked': 'x' }
const outcome = (work: Promise<unknown>): Promise<unknown> => work.catch(() => 'an error')

/** Calls, and what each has to give unless it fails. */
const calls: Record<string, (vfs: FtpVfs, server: ScriptedServer) => Promise<boolean>> = {
  'sizes of two files': async vfs => {
    const sizes = await Promise.all(
      ['/a', '/b'].map(path => outcome(vfs.stat(path).then(({ size }) => size))),
    )
    return sizes.every((size, index) => size === 'an error' || size === [3, 6][index])
  },
  'a missing file': async vfs => (await outcome(vfs.exists('/none'))) !== true,
  'a file that must stay': async vfs =>
    (await outcome(vfs.unlink('/locked').then(() => 'removed'))) === 'an error',
  'what is in a file': async vfs => {
    const content = await outcome(vfs.readFile('/b', 'utf8'))
    return content === 'an error' || content === 'abcdef'
  },
  'what is stored': async (vfs, server) => {
    const stored = await outcome(vfs.writeFile('/new', 'new').then(() => 'stored'))
    return stored === 'an error' || String(server.files.get('/new')?.content) === 'new'
  },
}

await t.test('stray replies give right answers or errors, once the server was seen out of step', async t => {
  const fault = fc.record({
    how: fc.constantFrom('before', 'behind', 'twice', 'late'),
    text: fc.constantFrom(...texts),
  }) as fc.Arbitrary<Fault>
  const faults = fc.array(fc.option(fault, { nil: undefined, freq: 2 }), { maxLength: 24 })
  const names = fc.array(fc.constantFrom(...Object.keys(calls)), { minLength: 1, maxLength: 4 })
  const property = fc.assert(
    fc.asyncProperty(faults, names, fc.boolean(), async (told, asked, mlst) => {
      const first: Fault = { how: 'before', text: '226 Transfer complete' }
      const planned: (Fault | undefined)[] = []
      const server = await startScriptedServer({
        mlst,
        // Without facts to be switched on, the first question stands behind the login.
        features: mlst ? ['SIZE', 'MDTM', 'MLST type;size;modify;'] : ['SIZE', 'MDTM'],
        files,
        on: faulty(planned, {
          PWD: ctx => ctx.reply('257 "/"'),
          DELE: ctx => (ctx.path === '/locked' ? ctx.reply('550 Permission denied') : ctx.next()),
        }),
      })
      const vfs = new FtpVfs(server.url, { connections: 1, retryDelay: 1, retries: 4, shortTimeout: 1_500 })
      try {
        await vfs.stat('/a')
        planned.push(first)
        await outcome(vfs.stat('/a'))
        planned.push(...told)
        for (const name of asked) if (!(await calls[name]!(vfs, server))) throw new Error(`wrong: ${name}`)
      } finally {
        vfs.destroy()
        await server.stop()
      }
    }),
    { numRuns: 15 },
  )
  await t.resolves(property)
})
