import t from 'tap'
import { Ability } from '../../../lib/wire/capabilities/ability.js'
import { quirksOf } from '../../../lib/wire/server/quirks.js'
import { listCommands } from '../../../lib/remote/list/list-command.js'
import { firstWay, nextWay, type Fault, type Way } from '../../../lib/remote/list/listing-way.js'

type Name = 'mlsd' | 'listAll' | 'list' | 'cwd' | 'entering' | 'binaryListing'

/** A server that has all but these. */
function without(...names: Name[]): Record<Name, { usable: boolean }> {
  const has = (name: Name): { usable: boolean } => ({ usable: !names.includes(name) })
  const [mlsd, listAll, list] = [has('mlsd'), has('listAll'), has('list')]
  return {
    mlsd,
    listAll,
    list,
    cwd: has('cwd'),
    entering: has('entering'),
    binaryListing: has('binaryListing'),
  }
}

/** `A`: in TYPE A; `/`: by path; `CWD`: with CWD in front of it. */
const shown = (way: Way | undefined): string | undefined =>
  way && `${way.entersToo ? 'CWD ' : ''}${way.verb}${way.byPath ? ' /' : ''}${way.ascii ? ' A' : ''}`

const usual = listCommands({ quirks: quirksOf.unknown }, 'usual')

t.test('the commands, the best one first', async t => {
  const facts = ['MLSD', 'LIST -a', 'LIST', 'NLST']
  const lines = ['LIST -a', 'LIST', 'MLSD', 'NLST']
  const mixing = { quirks: quirksOf.proftpd }
  t.same(usual, facts)
  t.same(listCommands({ quirks: quirksOf.unknown }, 'ls'), lines)
  t.same(listCommands(mixing, 'usual'), lines)
  t.same(listCommands(mixing, 'facts'), facts)
  t.same(listCommands(mixing, 'usual', 'NLST'), ['NLST'], 'the one of the option, and no other')
})

const firsts: [missing: Name[], expected: string][] = [
  [[], 'MLSD'],
  [['mlsd'], 'LIST -a'],
  [['mlsd', 'listAll'], 'LIST'],
  [['mlsd', 'listAll', 'list'], 'NLST'],
  [['cwd'], 'MLSD /'],
  [['cwd', 'entering'], 'MLSD /'],
  [['entering'], 'CWD MLSD /'],
  [['mlsd', 'binaryListing'], 'LIST -a A'],
  [['cwd', 'binaryListing'], 'MLSD / A'],
]

for (const [missing, expected] of firsts) {
  t.test(`the first way without ${missing.join(', ') || 'nothing'}: ${expected}`, async t => {
    t.equal(shown(firstWay(without(...missing), usual)), expected)
  })
}

t.test('the command of the option is taken, whatever is known of it', async t => {
  t.equal(shown(firstWay(without('mlsd'), ['MLSD'])), 'MLSD')
})

const plain: Way = { verb: 'MLSD', byPath: false, ascii: false }

const steps: [from: Partial<Way>, fault: Fault, missing: Name[], expected: string | undefined][] = [
  [{}, 'no command', [], 'LIST -a'],
  [{}, 'unreadable', [], 'LIST -a'],
  [{}, 'no command', ['listAll'], 'LIST'],
  [{}, 'no command', ['listAll', 'list'], 'NLST'],
  [{ verb: 'LIST -a' }, 'no command', [], 'LIST'],
  [{ verb: 'LIST' }, 'no command', [], 'NLST'],
  [{ verb: 'NLST' }, 'no command', [], undefined],
  [{}, 'no CWD', [], 'MLSD /'],
  [{ byPath: true }, 'no CWD', [], undefined],
  [{}, 'CWD stays', [], 'CWD MLSD /'],
  [{ byPath: true }, 'CWD stays', [], undefined],
  [{ byPath: true }, 'no command', [], 'LIST -a /'],
  [{ verb: 'LIST' }, 'wants ASCII', [], 'LIST A'],
  [{ verb: 'LIST', ascii: true }, 'wants ASCII', [], undefined],
  [{ ascii: true }, 'no command', [], 'LIST -a A'],
]

for (const [from, fault, missing, expected] of steps) {
  const way = { ...plain, ...from }
  t.test(`behind ${shown(way)}, ${fault}, without ${missing.join(', ') || 'nothing'}`, async t => {
    t.equal(shown(nextWay(way, fault, without(...missing), usual)), expected)
  })
}

t.test('behind the command of the option, and behind one that is not among them, there is none', async t => {
  t.equal(nextWay(plain, 'no command', without(), ['MLSD']), undefined)
  t.equal(nextWay(plain, 'no command', without(), ['LIST']), undefined)
})

t.test('whatever fails, the ways come to an end', async t => {
  const faults: Fault[] = ['no command', 'unreadable', 'no CWD', 'CWD stays', 'wants ASCII']
  const can = { ...without(), list: new Ability() }
  const ends = (way: Way, left: number): boolean =>
    left > 0 &&
    faults.every(fault => {
      const next = nextWay(way, fault, can, usual)
      return !next || ends(next, left - 1)
    })
  t.ok(ends(firstWay(can, usual), 7))
})
