import t from 'tap'
import { command, type Command } from '../../../lib/wire/session/command.js'
import { cut } from '../../../lib/wire/session/cut.js'
import { ServerProfile } from '../../../lib/wire/server/server-profile.js'
import { WorkingDirectory } from '../../../lib/wire/session/working-directory.js'

const directory = ({ useCwdNames = false, root = '' } = {}) =>
  new WorkingDirectory({ useCwdNames, remotePath: path => root + path }, new ServerProfile())

/** `VERB path` as a command: paths begin with a slash. */
const commands = (...lines: string[]): Command[] =>
  lines.map(line => {
    const [, verb, path] = /^([^/]*?)(?: (\/.*))?$/s.exec(line)!
    return command(verb!, path)
  })
const text = ({ verb, path }: Command) => (path === undefined ? verb : `${verb} ${path}`)
const flights = (lines: string[], at: WorkingDirectory, ...bounds: [number?, number?]) =>
  cut(commands(...lines), at, bounds[0] ?? 10_000, bounds[1]).map(flight => flight.map(text))

await t.test('no command gives no flight', async t => t.same(flights([], directory()), []))

await t.test('a flight has at most maxBytes, with line ends and full paths', async t => {
  const lines = ['SIZE /1', 'SIZE /2', 'SIZE /3']
  t.same(flights(lines, directory(), 27), [lines])
  t.same(flights(lines, directory(), 26), [lines.slice(0, 2), lines.slice(2)])
  t.same(
    flights(lines, directory(), 9),
    lines.map(line => [line]),
  )
  t.same(
    flights(lines, directory(), 1),
    lines.map(line => [line]),
    'a longer command has a flight of its own',
  )
  t.same(flights(lines, directory({ root: '/root' }), 27), [['SIZE /1'], ['SIZE /2'], ['SIZE /3']])
})

await t.test('a flight has at most maxCommands', async t => {
  t.same(flights(['PWD', 'NOOP', 'PWD'], directory(), 100, 1), [['PWD'], ['NOOP'], ['PWD']])
  t.same(flights(['PWD', 'NOOP', 'PWD'], directory(), 100, 2), [['PWD', 'NOOP'], ['PWD']])
})

await t.test('with absolute paths, folders do not matter', async t => {
  const lines = ['CWD /a', 'SIZE /b/1', 'DELE /c/2', 'RNFR /a/1', 'RNTO /b/2']
  t.same(flights(lines, directory()), [lines])
})

await t.test('with useCwdNames', async t => {
  const at = directory({ useCwdNames: true })

  await t.test('the names of a flight are in one folder', async t => {
    t.same(flights(['SIZE /a/1', 'MDTM /a/2', 'SIZE /b/1', 'NOOP', 'DELE /a/3'], at), [
      ['SIZE /a/1', 'MDTM /a/2'],
      ['SIZE /b/1', 'NOOP'],
      ['DELE /a/3'],
    ])
    t.same(flights(['NOOP', 'SIZE /a/1', 'NOOP', 'SIZE /b/1'], at), [
      ['NOOP', 'SIZE /a/1', 'NOOP'],
      ['SIZE /b/1'],
    ])
  })

  await t.test('no name follows a CWD, which might be refused', async t => {
    t.same(flights(['CWD /a', 'DELE /a/1'], at), [['CWD /a'], ['DELE /a/1']])
    t.same(flights(['CWD /a', 'NOOP', 'DELE /a/1'], at), [['CWD /a', 'NOOP'], ['DELE /a/1']])
    t.same(flights(['SIZE /a/1', 'CWD /a/1', 'SIZE /a/2'], at), [['SIZE /a/1', 'CWD /a/1'], ['SIZE /a/2']])
  })

  await t.test('a command without a name may', async t => {
    const lines = ['CWD /', 'PWD', 'CWD /a', 'EPSV']
    t.same(flights(lines, at), [lines])
  })

  await t.test('RNFR and RNTO stay together', async t => {
    const lines = ['RNFR /a/1', 'RNTO /b/2']
    t.same(flights(lines, at), [lines])
  })
})

await t.test('an invalid command throws before the split', async t => {
  for (const end of ['\r', '\n', '\0', '\r\n']) {
    const bad = { verb: 'DELE', path: `/a${end}DELE /b` }
    t.throws(() => cut([command('NOOP'), bad], directory(), 100), { code: 'ERR_INVALID_ARG_VALUE' })
  }
})
