import t from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { ServerProfile } from '../../../lib/wire/server/server-profile.js'
import { bare } from '../scripted-session.js'
import { WorkingDirectory } from '../../../lib/wire/session/working-directory.js'

const given = ({ server = new ServerProfile() } = {}) => {
  const directory = new WorkingDirectory(server)
  server.directories.add(directory)
  return { directory, server }
}
const ok = { code: 250, lines: ['250 ok'] }
const no = { code: 550, lines: ['550 no'] }

await t.test('the working directory', async t => {
  await t.test('is unknown at first, then the reply to PWD, then the path of CWD', async t => {
    const { directory } = given()
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
      const { directory, server } = given()
      const other = given({ server }).directory
      directory.follow(command('CWD', '/a/b'), ok)
      for (const one of commands) other.follow(one, ok)
      const what = commands.map(({ verb, path }) => `${verb} ${path}`).join(' ')
      t.equal(directory.isIn('/a/b'), !gone, `${what} in another session`)
      const refused = given()
      refused.directory.follow(command('CWD', '/a/b'), ok)
      for (const one of commands) refused.directory.follow(one, no)
      t.ok(refused.directory.isIn('/a/b'), `${what}, refused`)
    }
  })
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
