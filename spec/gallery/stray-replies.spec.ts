import fc from 'fast-check'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { startScriptedServer, type Handler, type ScriptedServer } from '../support/scripted-server.js'

/** What a server does wrong at one command. */
interface Fault {
  /**
   * A reply in front of the command's own, be it of the form awaited (`alike`), behind it, or its own
   * said twice or later than the next.
   */
  readonly how: 'before' | 'alike' | 'behind' | 'twice' | 'late'
  readonly text: string
  /** Milliseconds between a reply in front and the command's own. */
  readonly pause: number
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
/** What each command awaits, save of what is checked by its name or number. */
const awaited: Readonly<Record<string, string>> = {
  SIZE: '213 7',
  MDTM: '213 20200102030405',
  CWD: '250 OK',
  DELE: '250 OK',
  RNTO: '250 OK',
  OPTS: '200 OK',
}
const verbs = ['SIZE', 'MDTM', 'CWD', 'MLST', 'DELE', 'RNFR', 'RNTO', 'EPSV', 'RETR', 'STOR', 'OPTS', 'PWD']

/** Handlers that take the next fault with each command, or with each that comes with others. */
function faulty(
  faults: (Fault | undefined)[],
  own: Record<string, Handler>,
  togetherOnly = false,
): Record<string, Handler> {
  let late: (() => void) | undefined
  const handler =
    (verb: string): Handler =>
    async ctx => {
      const fault = ctx.connection.loggedIn && !(togetherOnly && ctx.alone) ? faults.shift() : undefined
      const before = late
      late = undefined
      const reply = ctx.reply.bind(ctx)
      if (fault?.how === 'before' || fault?.how === 'alike') {
        reply((fault.how === 'alike' && awaited[verb]) || fault.text)
        // The command's own reply comes when all seem to have come.
        await sleep(fault.pause)
      }
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

const fault = fc.record({
  how: fc.constantFrom('before', 'alike', 'behind', 'twice', 'late'),
  text: fc.constantFrom(...texts),
  pause: fc.constantFrom(0, 5),
}) as fc.Arbitrary<Fault>
const faults = fc.array(fc.option(fault, { nil: undefined, freq: 2 }), { maxLength: 24 })
const names = fc.array(fc.constantFrom(...Object.keys(calls)), { minLength: 1, maxLength: 4 })

/** Makes the calls on a server with the faults, and throws for a wrong answer. */
async function answersAreRight(
  told: readonly (Fault | undefined)[],
  asked: readonly string[],
  { mlst, seenBefore }: { mlst: boolean; seenBefore: boolean },
): Promise<void> {
  const planned: (Fault | undefined)[] = []
  const own: Record<string, Handler> = {
    PWD: ctx => ctx.reply('257 "/"'),
    DELE: ctx => (ctx.path === '/locked' ? ctx.reply('550 Permission denied') : ctx.next()),
  }
  const server = await startScriptedServer({
    mlst,
    // Without facts to be switched on, the first question stands behind the login.
    features: mlst ? ['SIZE', 'MDTM', 'MLST type;size;modify;'] : ['SIZE', 'MDTM'],
    files,
    on: faulty(planned, own, !seenBefore),
  })
  const vfs = new FtpVfs(server.url, { connections: 1, retryDelay: 1, retries: 4, shortTimeout: 1_500 })
  try {
    await vfs.stat('/a')
    if (seenBefore) {
      planned.push({ how: 'before', text: '226 Transfer complete', pause: 0 })
      await outcome(vfs.stat('/a'))
    }
    planned.push(...told)
    for (const name of asked) if (!(await calls[name]!(vfs, server))) throw new Error(`wrong: ${name}`)
  } finally {
    vfs.destroy()
    await server.stop()
  }
}

await t.test('stray replies give right answers or errors, once the server was seen out of step', async t => {
  const property = fc.asyncProperty(faults, names, fc.boolean(), (told, asked, mlst) =>
    answersAreRight(told, asked, { mlst, seenBefore: true }),
  )
  await t.resolves(fc.assert(property, { numRuns: 15 }))
})

await t.test('from the first one on, save one for a command that was sent alone', async t => {
  const seldom = fc.array(
    fc.oneof({ arbitrary: fc.constant(undefined), weight: 4 }, { arbitrary: fault, weight: 1 }),
    { maxLength: 24 },
  )
  const property = fc.asyncProperty(seldom, names, fc.boolean(), (told, asked, mlst) =>
    answersAreRight(told, asked, { mlst, seenBefore: false }),
  )
  await t.resolves(fc.assert(property, { numRuns: 40 }))
})
