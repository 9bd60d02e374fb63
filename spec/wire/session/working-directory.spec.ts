import t from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { ServerProfile } from '../../../lib/wire/server/server-profile.js'
import { bare } from '../scripted-session.js'
import { WorkingDirectory } from '../../../lib/wire/session/working-directory.js'
import type { AbilityState } from '../../../lib/wire/capabilities/ability.js'
import type { Reply } from '../../../lib/wire/reply/replies.js'

const given = ({ server = new ServerProfile() } = {}) => {
  const directory = new WorkingDirectory(server)
  server.directories.add(directory)
  return { directory, server }
}
/** As `given`, on a server that has shown that CWD moves. */
const proven = (server = new ServerProfile()) => {
  server.can.entering.succeed()
  return given({ server })
}
const ok = { code: 250, lines: ['250 ok'] }
const no = { code: 550, lines: ['550 no'] }

await t.test('the working directory', async t => {
  await t.test('is unknown at first, then the reply to PWD, then the path of CWD', async t => {
    const { directory } = proven()
    t.notOk(directory.isIn('/home/u'))
    directory.arrive('/home/u')
    t.ok(directory.isIn('/home/u'))
    directory.follow(command('CWD', '/a'), ok)
    t.same([directory.isIn('/home/u'), directory.isIn('/a')], [false, true])
    directory.follow(command('CWD', '/b'), no)
    t.ok(directory.isIn('/a'), 'a refused CWD changes nothing')
    directory.follow(command('SIZE', '/b'), ok)
    directory.follow(command('NOOP'), ok)
    t.ok(directory.isIn('/a'))
    directory.follow(command('CWD /elsewhere'), no)
    t.ok(directory.isIn('/a'))
    directory.follow(command('CWD .'), ok)
    t.notOk(directory.isIn('/a'), 'a path in the verb may lead anywhere')
  })

  await t.test('is unknown again after the folder, or one above it, was removed or renamed', async t => {
    for (const [commands, gone] of [
      [[command('RMD', '/a/b')], true],
      [[command('RMD', '/a')], true],
      [[command('RMD', '/a/b/c')], false],
      [[command('RMD', '/a/bb')], false],
      [[command('DELE', '/a/b')], false],
      [[command('RNFR', '/a'), command('RNTO', '/x')], true],
      [[command('RNFR', '/a/b'), command('RNTO', '/x')], true],
      [[command('RNFR', '/x'), command('RNTO', '/a/b')], true],
      [[command('RNFR', '/x'), command('RNTO', '/y')], false],
      [[command('RNFR', '/a')], false],
    ] as const) {
      const { directory, server } = proven()
      const other = given({ server }).directory
      directory.follow(command('CWD', '/a/b'), ok)
      for (const one of commands) other.follow(one, ok)
      const what = commands.map(({ verb, path }) => `${verb} ${path}`).join(' ')
      t.equal(directory.isIn('/a/b'), !gone, `${what} in another session`)
      const refused = proven()
      refused.directory.follow(command('CWD', '/a/b'), ok)
      for (const one of commands) refused.directory.follow(one, no)
      t.ok(refused.directory.isIn('/a/b'), `${what}, refused`)
    }
  })
})

await t.test('a CWD with the reply 250 on a server that has not proved that CWD works', async t => {
  const pwd = (path: string) => ({ code: 257, lines: [`257 "${path}"`] })
  const login = pwd('/home/u')
  const rows: [
    title: string,
    cwd: Reply,
    told: Reply,
    isThere: boolean,
    stays: boolean,
    state: AbilityState,
  ][] = [
    ['the folder itself', ok, pwd('/home/u/a'), true, false, 'proven'],
    ['another one, as behind a link', ok, pwd('/data'), true, false, 'proven'],
    ['the previous folder', ok, login, false, true, 'untried'],
    ['nothing', ok, { code: 550, lines: ['550 no'] }, true, false, 'untried'],
    ['an unreadable path', ok, { code: 257, lines: ['257 somewhere'] }, true, false, 'untried'],
    ['the previous folder, as CWD was refused', no, login, false, false, 'untried'],
  ]
  for (const [title, cwd, told, isThere, stays, state] of rows) {
    const { directory, server } = given()
    directory.arrive('/home/u')
    const commands = directory.entering('/home/u/a')
    t.same(commands, [command('CWD', '/home/u/a'), command('PWD')])
    directory.follow(commands[0]!, cwd)
    t.notOk(directory.isIn('/home/u/a'), 'nothing is known before the reply to PWD')
    directory.follow(commands[1]!, told)
    t.same(
      [directory.isIn('/home/u/a'), directory.stays, server.can.entering.state],
      [isThere, stays, state],
      title,
    )
  }
  const { directory, server } = given()
  directory.arrive('/home/u')
  t.same(directory.entering('/home/u'), [command('CWD', '/home/u')], 'either way, it is there')
  directory.follow(command('CWD', '/home/u'), ok)
  t.ok(directory.isIn('/home/u'))
  server.can.command('PWD').fail()
  t.same(directory.entering('/home/u/a'), [command('CWD', '/home/u/a')], 'PWD is not sent in vain')
  server.can.command('PWD').succeed()
  server.can.entering.succeed()
  t.same(directory.entering('/home/u/a'), [command('CWD', '/home/u/a')], 'it is proven')
  const known = new ServerProfile()
  known.kind = 'vsftpd'
  t.same(given({ server: known }).directory.entering('/a'), [command('CWD', '/a')])
})

await t.test('the line of a command', async t => {
  const line = (directory: WorkingDirectory, verb: string, path?: string) =>
    directory.line(command(verb, path))
  const bareLine = (directory: WorkingDirectory, verb: string, path: string) =>
    directory.line(bare(verb, path))

  await t.test('by paths', async t => {
    const { directory } = given()
    directory.arrive('/home/u')
    t.equal(line(directory, 'NOOP'), 'NOOP')
    t.equal(line(directory, 'SIZE', '/home/u/a'), 'SIZE /home/u/a')
    t.equal(line(directory, 'MFMT 20260101000000', '/a b'), 'MFMT 20260101000000 /a b')
    t.equal(line(directory, 'CWD', ''), 'CWD', 'the login directory, if its path is unknown')
    t.equal(directory.folderOf(command('SIZE', '/a')), undefined)
  })

  await t.test('has a bare name in its folder, its path elsewhere', async t => {
    const { directory } = given()
    t.equal(bareLine(directory, 'SIZE', '/home/u/a'), 'SIZE /home/u/a')
    directory.arrive('/home/u')
    t.equal(bareLine(directory, 'SIZE', '/home/u/a'), 'SIZE a')
    t.equal(bareLine(directory, 'SIZE', '/home/u/d/a'), 'SIZE /home/u/d/a')
    t.equal(bareLine(directory, 'RNTO', '/home/u/d/a'), 'RNTO /home/u/d/a')
    t.equal(bareLine(directory, 'CWD', '/home/u/d'), 'CWD /home/u/d')
    t.equal(directory.pathLine(bare('SIZE', '/home/u/a')), 'SIZE /home/u/a')
    t.equal(directory.folderOf(bare('SIZE', '/home/u/d/a')), '/home/u/d')
    t.equal(directory.folderOf(bare('RNTO', '/home/u/d/a')), undefined)
    t.equal(directory.folderOf(command('NOOP')), undefined)
  })

  await t.test('marks a bare name that looks like an option or a home directory', async t => {
    const { directory } = given()
    directory.arrive('/d')
    for (const name of ['-rf', '~root', '~'])
      t.equal(bareLine(directory, 'DELE', `/d/${name}`), `DELE ./${name}`)
    for (const name of ['a b', 'trail ', 'a-b', '%41', '"', '..a', '\xe9']) {
      t.equal(bareLine(directory, 'DELE', `/d/${name}`), `DELE ${name}`)
    }
    t.equal(directory.line(command('SIZE', { path: '/d', folder: '/d' })), 'SIZE .', 'the folder itself')
    t.equal(
      bareLine(directory, 'SIZE', '/d/ lead'),
      'SIZE /d/ lead',
      'a space at the beginning needs the whole path',
    )
  })

  await t.test('CR, LF and NUL are refused, with a message without secrets', async t => {
    const { directory } = given()
    for (const end of ['\r', '\n', '\0']) {
      t.throws(() => line(directory, 'DELE', `/a${end}b`), {
        code: 'ERR_INVALID_ARG_VALUE',
        message: 'A command cannot hold CR, LF or NUL: DELE',
      })
      t.throws(() => line(directory, `PASS secret${end}`), {
        message: 'A command cannot hold CR, LF or NUL: PASS',
      })
    }
  })

  await t.test('the byte FF is doubled for ProFTPD, which reads it as a Telnet command', async t => {
    const { directory, server } = given()
    t.equal(line(directory, 'SIZE', '/\xffa\xff'), 'SIZE /\xffa\xff')
    server.kind = 'proftpd'
    t.equal(line(directory, 'SIZE', '/\xffa\xff'), 'SIZE /\xff\xffa\xff\xff')
    directory.arrive('/d')
    t.equal(bareLine(directory, 'SIZE', '/d/\xff'), 'SIZE \xff\xff')
  })
})
