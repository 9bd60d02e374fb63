import t from 'tap'
import { command, type Command } from '../../../lib/wire/session/command.js'
import { bare } from '../scripted-session.js'
import { cut } from '../../../lib/wire/session/cut.js'
import { ServerProfile } from '../../../lib/wire/server/server-profile.js'
import { WorkingDirectory } from '../../../lib/wire/session/working-directory.js'

const directory = new WorkingDirectory(new ServerProfile())

/** `VERB path` as a command: paths begin with a slash. */
const commands = (...lines: string[]): Command[] =>
  lines.map(line => {
    const [, verb, path] = /^([^/]*?)(?: (\/.*))?$/s.exec(line)!
    return path === undefined ? command(verb!) : command(verb!, path)
  })
const text = ({ verb, path }: Command) => (path === undefined ? verb : `${verb} ${path}`)
const flights = (given: Command[], ...bounds: [number?, number?]) =>
  cut(given, directory, bounds[0] ?? 10_000, bounds[1]).map(flight => flight.map(text))

await t.test('no command gives no flight', async t => t.same(flights([]), []))

await t.test('a flight has at most maxBytes, with line ends and full paths', async t => {
  const lines = ['SIZE /1', 'SIZE /2', 'SIZE /3']
  t.same(flights(commands(...lines), 27), [lines])
  t.same(flights(commands(...lines), 26), [lines.slice(0, 2), lines.slice(2)])
  t.same(
    flights(commands(...lines), 9),
    lines.map(line => [line]),
  )
  t.same(
    flights(commands(...lines), 1),
    lines.map(line => [line]),
    'a longer command has a flight of its own',
  )
})

await t.test('a flight has at most maxCommands', async t => {
  t.same(flights(commands(...['PWD', 'NOOP', 'PWD']), 100, 1), [['PWD'], ['NOOP'], ['PWD']])
  t.same(flights(commands(...['PWD', 'NOOP', 'PWD']), 100, 2), [['PWD', 'NOOP'], ['PWD']])
})

await t.test('with absolute paths, folders do not matter', async t => {
  const lines = ['CWD /a', 'SIZE /b/1', 'DELE /c/2', 'RNFR /a/1', 'RNTO /b/2']
  t.same(flights(commands(...lines)), [lines])
})

await t.test('with bare names', async t => {
  const bareNames = (...lines: string[]): Command[] =>
    commands(...lines).map(({ verb, path }) => (path === undefined ? command(verb) : bare(verb, path)))

  await t.test('the names of a flight are in one folder', async t => {
    t.same(flights(bareNames(...['SIZE /a/1', 'MDTM /a/2', 'SIZE /b/1', 'NOOP', 'DELE /a/3'])), [
      ['SIZE /a/1', 'MDTM /a/2'],
      ['SIZE /b/1', 'NOOP'],
      ['DELE /a/3'],
    ])
    t.same(flights(bareNames(...['NOOP', 'SIZE /a/1', 'NOOP', 'SIZE /b/1'])), [
      ['NOOP', 'SIZE /a/1', 'NOOP'],
      ['SIZE /b/1'],
    ])
  })

  await t.test('no name follows a CWD, which might be refused', async t => {
    t.same(flights(bareNames(...['CWD /a', 'DELE /a/1'])), [['CWD /a'], ['DELE /a/1']])
    t.same(flights(bareNames(...['CWD /a', 'NOOP', 'DELE /a/1'])), [['CWD /a', 'NOOP'], ['DELE /a/1']])
    t.same(flights(bareNames(...['SIZE /a/1', 'CWD /a/1', 'SIZE /a/2'])), [
      ['SIZE /a/1', 'CWD /a/1'],
      ['SIZE /a/2'],
    ])
  })

  await t.test('a command without a name may', async t => {
    const lines = ['CWD /', 'PWD', 'CWD /a', 'EPSV']
    t.same(flights(bareNames(...lines)), [lines])
  })

  await t.test('RNFR and RNTO stay together', async t => {
    const lines = ['RNFR /a/1', 'RNTO /b/2']
    t.same(flights(bareNames(...lines)), [lines])
  })
})

await t.test('an invalid command throws before the split', async t => {
  for (const end of ['\r', '\n', '\0', '\r\n']) {
    const bad = { verb: 'DELE', path: `/a${end}DELE /b` }
    t.throws(() => cut([command('NOOP'), bad], directory, 100), { code: 'ERR_INVALID_ARG_VALUE' })
  }
})
