import t from 'tap'
import {
  isUnchanged,
  resolved,
  sizeIn,
  stateIn,
  type FileState,
} from '../../../lib/remote/write/file-state.js'
import type { Reply } from '../../../lib/wire/reply/replies.js'

const reply = (line: string): Reply => ({ code: Number(line.slice(0, 3)), lines: [line] })

t.test('the state that the replies to SIZE and MDTM report', t => {
  const table: [size: string | undefined, time: string | undefined, state: FileState][] = [
    ['213 12', '213 20260102030405', { size: 12, time: '20260102030405' }],
    ['213 0', '550 No', { size: 0, time: undefined }],
    ['213 12', undefined, { size: 12, time: undefined }],
    [undefined, undefined, 'unknown'],
    ['550 /f: No such file or directory', '550 No', 'missing'],
    // vsftpd 3.0.3 and Pure-FTPd 1.0.50 give no reason.
    ['550 Could not get file size.', '550 Could not get file modification time.', 'missing'],
    ["550 Can't check for file existence", "550 Can't check for file existence", 'missing'],
    ['550 /f is not retrievable.', '550 /f is not retrievable', 'missing'],
    ['550 The system cannot find the file specified.', '550 No', 'missing'],
    ['550 No such file', '213 20260102030405', 'missing'],
    ['550 SIZE is disabled', '550 No', 'refused'],
    ['550 Zugriff verweigert', '550 Zugriff verweigert', 'refused'],
    ['550 SIZE is disabled', '213 20260102030405', 'unknown'],
    ['550 Permission denied.', '550 Permission denied.', 'unknown'],
    ['550 /f: Operation not permitted', '550 /f: Operation not permitted', 'unknown'],
    ['550 SIZE not allowed in ASCII mode', '550 No', 'unknown'],
    ['500 SIZE?', '500 MDTM?', 'unknown'],
    ['502 Not implemented', '213 20260102030405', 'unknown'],
    ['450 Busy', '450 Busy', 'unknown'],
    ['213 ', '550 No', 'unknown'],
    ['213 about 12', '550 No', 'unknown'],
    ['226 Transfer complete', '213 12', 'unknown'],
  ]
  for (const [size, time, state] of table) {
    const replies = [size, time].filter(line => line !== undefined).map(reply)
    t.same(stateIn(replies), state, replies.map(({ lines }) => lines[0]).join(', '))
  }
  t.end()
})

t.test('whether no sign shows that a file has changed', t => {
  const at = (size: number, time?: string): FileState => ({ size, time })
  const table: [before: FileState, now: FileState, unchanged: boolean][] = [
    [at(1, 'noon'), at(1, 'noon'), true],
    [at(1, 'noon'), at(1, 'later'), false],
    [at(1, 'noon'), at(2, 'noon'), false],
    [at(1), at(1, 'noon'), true],
    [at(1, 'noon'), at(1), true],
    [at(1, 'noon'), 'missing', false],
    ['missing', at(1, 'noon'), false],
    ['missing', 'missing', true],
    ['unknown', 'unknown', false],
    ['unknown', at(1), false],
    [at(1), 'unknown', false],
  ]
  for (const [before, now, unchanged] of table) {
    t.equal(isUnchanged(before, now), unchanged, `${JSON.stringify(before)} and ${JSON.stringify(now)}`)
  }
  t.end()
})

t.test('a size, and the meaning of an earlier refusal', t => {
  t.same([sizeIn({ size: 3 }), sizeIn('missing'), sizeIn('unknown')], [3, undefined, undefined])
  t.equal(resolved('refused', true), 'missing')
  t.equal(resolved('refused', false), 'unknown')
  t.same(resolved({ size: 3 }, false), { size: 3 })
  t.end()
})
