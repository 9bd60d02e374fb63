import t from 'tap'
import { judge } from './judge.js'
import type { Attempt, Failure } from './operation.js'
import { file, folder, type State } from './tree.js'

const path = '/a'
const old = file(Buffer.from('old'))
const new_ = file(Buffer.from('new'))
const other = file(Buffer.from('ne'))

const attempt = (more: Partial<Attempt>): Attempt => ({ words: '', bytes: 0, run: async () => {}, ...more })
const write = attempt({ changes: new Map([[path, new_]]) })
const error = (code: string, more: Partial<Failure> = {}): Failure =>
  Object.assign(new Error('broken'), { code, ...more })
const lost = error('ERR_FTP_CONNECTION_LOST')

interface Row {
  attempt: Attempt
  error?: Failure
  found: State
  before?: State
  faulted?: boolean
  wrong?: RegExp
}

const rows: Record<string, Row> = {
  'a write that resolved and is there': { attempt: write, found: new_ },
  'a write that resolved and is not there': { attempt: write, found: old, wrong: /resolved, and at \/a/ },
  'a write that was rejected and left the old file': { attempt: write, error: lost, found: old },
  'a write that was rejected and left the new file': { attempt: write, error: lost, found: new_ },
  'a write that was rejected and left a part': {
    attempt: write,
    error: lost,
    found: other,
    wrong: /not the old/,
  },
  'a write that was rejected and named what it left': {
    attempt: write,
    error: error('ERR_FTP_CONNECTION_LOST', { incomplete: path }),
    found: other,
  },
  'a write that was rejected and removed the old file': {
    attempt: write,
    error: lost,
    found: undefined,
    wrong: /nothing/,
  },
  'the same, where it may': { attempt: { ...write, removes: true }, error: lost, found: undefined },
  'a write that was rejected without a fault': {
    attempt: write,
    error: lost,
    found: old,
    faulted: false,
    wrong: /without a fault/,
  },
  'a write that says what is not so of files': {
    attempt: write,
    error: error('ENOENT'),
    found: old,
    wrong: /not so/,
  },
  'an expected error': {
    attempt: attempt({ code: 'ENOENT' }),
    error: error('ENOENT'),
    found: old,
    faulted: false,
  },
  'an error that was expected and did not come': {
    attempt: attempt({ code: 'ENOENT' }),
    found: old,
    wrong: /resolved/,
  },
  'an unexpected error under a fault': { attempt: attempt({ code: 'ENOENT' }), error: lost, found: old },
}

for (const [name, { attempt, error, found, before = old, faulted = true, wrong }] of Object.entries(rows)) {
  void t.test(name, async t => {
    const given = {
      attempt,
      outcome: { error },
      before: new Map([[path, before]]),
      found: new Map([[path, found]]),
    }
    const words = judge({ ...given, faulted }).join('\n')
    if (wrong) t.match(words, wrong)
    else t.equal(words, '')
  })
}

void t.test('a rename is done or not, and never half', async t => {
  const rename = attempt({
    changes: new Map<string, State>([
      ['/a', undefined],
      ['/b', old],
    ]),
    whole: true,
  })
  const before = new Map<string, State>([
    ['/a', old],
    ['/b', folder],
  ])
  const words = (a: State, b: State) => {
    const found = new Map([
      ['/a', a],
      ['/b', b],
    ])
    return judge({ attempt: rename, outcome: { error: lost }, before, found, faulted: true })
  }
  t.same(words(old, folder), [])
  t.same(words(undefined, old), [])
  t.match(words(undefined, folder), [/a part of it was done/])
})
