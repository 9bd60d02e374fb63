import t, { type Test } from 'tap'
import { Call } from '../../../lib/pool/call.js'
import { copyContent } from '../../../lib/remote/change/copy.js'
import { storeOver } from '../../../lib/remote/change/store-over.js'
import type { Script, ScriptedServer } from '../../support/scripted-server.js'
import { startScriptedServer } from '../../support/scripted-server.js'
import { remoteOn } from '../remote-on.js'

const temporary = /^\/d\/\.ftp-vfs-[0-9a-f]{12}-to$/

/** A copy of `/from` is stored over `/d/to`, which is of such a type. */
async function copyOver(
  t: Test,
  type: 'file' | 'link',
  script: Script,
): Promise<{ server: ScriptedServer; error?: Record<string, unknown> }> {
  const server = await startScriptedServer({ ...script, files: { '/from': 'new', '/d/to': 'old' } })
  t.teardown(() => server.stop())
  const remote = remoteOn(t, server.url, { retries: 2, retryDelay: 10 })
  const call = new Call()
  const stored = storeOver(remote, call, '/d/to', type, path =>
    copyContent(remote, call, '/from', path, { isNew: true }),
  )
  const error = await stored.then(
    () => undefined,
    (error: unknown) => error as Record<string, unknown>,
  )
  return { server, ...(error && { error }) }
}

/** What the folder holds; `beside` is what is left under a temporary name. */
function folder({ files }: ScriptedServer): Record<string, string> {
  const found = [...files].filter(([path]) => path.startsWith('/d/'))
  return Object.fromEntries(
    found.map(([path, { content }]) => [temporary.test(path) ? 'beside' : path.slice(3), String(content)]),
  )
}

const sent = ({ commands }: ScriptedServer): string[] =>
  commands.map(({ line }) => line.slice(0, 4).trim()).filter(verb => /^(STOR|RN..|DELE)$/.test(verb))

t.test('it is stored beside, then renamed over', async t => {
  const { server, error } = await copyOver(t, 'file', {})
  t.equal(error, undefined)
  t.same(folder(server), { to: 'new' })
  t.same(sent(server), ['STOR', 'RNFR', 'RNTO'])
})

t.test('a link over which the server does not rename is removed first', async t => {
  const { server, error } = await copyOver(t, 'link', {
    on: {
      RNTO: ctx => (ctx.server.files.has(ctx.path) ? ctx.reply('550 Permission denied') : ctx.next()),
    },
  })
  t.equal(error, undefined)
  t.same(folder(server), { to: 'new' })
  t.same(sent(server), ['STOR', 'RNFR', 'RNTO', 'DELE', 'RNFR', 'RNTO'])
})

t.test('a file is not', async t => {
  const { server, error } = await copyOver(t, 'file', {
    on: { RNTO: ctx => ctx.reply('550 Permission denied') },
  })
  t.match(error, { code: 'EACCES' })
  t.same(folder(server), { to: 'old' })
})

t.test('a link that cannot be removed, either, stays', async t => {
  const { server, error } = await copyOver(t, 'link', {
    on: {
      RNTO: ctx => ctx.reply('550 Permission denied'),
      DELE: ctx => (temporary.test(ctx.path) ? ctx.next() : ctx.reply('450 In use')),
    },
  })
  t.match(error, { code: 'EACCES' })
  t.same(folder(server), { to: 'old' })
})

t.test('where the link is gone and the name is refused all the same, the copy is kept and named', async t => {
  const { server, error } = await copyOver(t, 'link', {
    on: { RNTO: ctx => ctx.reply('550 Permission denied') },
  })
  t.match(error, { code: 'EACCES', incomplete: temporary })
  t.same(folder(server), { beside: 'new' })
})

t.test('where every reply to its removal was lost, too', async t => {
  const { server, error } = await copyOver(t, 'link', {
    cut: [1, 2, 3].map(nth => ({ command: 'DELE', nth, what: 'control' as const })),
    on: { RNTO: ctx => ctx.reply('550 Permission denied') },
  })
  t.match(error, { code: 'EACCES', incomplete: temporary })
  t.same(folder(server), { beside: 'new' })
})

t.test('an incomplete copy that cannot be removed is named', async t => {
  const { server, error } = await copyOver(t, 'file', {
    cut: [1, 2, 3].map(nth => ({ command: 'STOR', nth, after: 1 })),
    on: { DELE: ctx => ctx.reply('550 Permission denied') },
  })
  t.match(error, { code: 'ERR_FTP_CONNECTION_LOST', incomplete: temporary })
  t.same(folder(server), { to: 'old', beside: 'n' })
})

t.test('what the rename has left apart is not removed', async t => {
  const { server, error } = await copyOver(t, 'file', {
    on: {
      RNTO: ctx => {
        if (ctx.n > 2) return ctx.reply('550 Cannot do this')
        return ctx.server.files.has(ctx.path) ? ctx.reply('553 File exists') : ctx.next()
      },
    },
  })
  t.match(error, { code: 'EACCES', incomplete: /^\/d\/\.ftp-vfs-[0-9a-f]{12}-to$/ })
  const contents = [...server.files]
    .filter(([path]) => path.startsWith('/d/'))
    .map(([, { content }]) => String(content))
  t.same(contents.sort(), ['new', 'old'])
})
