import t from 'tap'
import { scriptedVfs } from '../../remote/scripted-vfs.js'

await t.test('server() opens a session and reports what is known', async t => {
  const { vfs } = await scriptedVfs(t, { greeting: '220 My box, hello', features: ['SIZE', 'REST STREAM'] })
  t.strictSame(
    { ...(await vfs.server()), abilities: {} },
    {
      kind: 'unknown',
      named: 'unknown',
      greeting: 'My box, hello',
      system: 'UNIX Type: L8',
      features: ['SIZE', 'REST STREAM'],
      loginDirectory: '/',
      abilities: {},
      outOfStep: false,
      entersAnything: undefined,
    },
  )
  t.match((await vfs.server()).abilities, { MLST: 'absent', 'REST with RETR': 'said', EPSV: 'untried' })
  t.equal(vfs.stats().opened, 1)
})

await t.test('abilities that were tried show their outcome', async t => {
  const { vfs } = await scriptedVfs(t, { files: { '/f': 'x' } })
  await vfs.stat('/f')
  t.match((await vfs.server()).abilities, { pipelining: 'proven', MLST: 'proven' })
})

await t.test('it does not contain user and password', async t => {
  const { vfs } = await scriptedVfs(
    t,
    { greeting: '220 Hello alice', on: { PWD: ctx => ctx.reply('257 "/home/alice"') } },
    { user: 'alice', password: 's3cret' },
  )
  t.notMatch(JSON.stringify(await vfs.server()), /alice|s3cret/)
})
