import t from 'tap'
import { faultKinds, nonsense, type Setting } from './fault-kinds.js'
import type { Operation } from './operation.js'

const prepare = (): never => {
  throw new Error('It is not done')
}
const stat: Operation = { name: 'stat', data: [], prepare }
const chmod: Operation = { name: 'chmod', data: [], flights: 1, oneCommandOn: ['proftpd'], prepare }
const read: Operation = { name: 'read', data: ['down'], prepare }
const write: Operation = { name: 'write', data: ['up'], prepare }
const copy: Operation = { name: 'copy', data: ['down', 'up'], prepare }

const noData = 'it has no data connection'
const noneUp = 'it has no data that goes up'
const noneDown = 'it has no data that goes down'
const oneCommand = 'it sends one command'
const toldBefore = 'over TLS the end is told before'
const oneFlight = 'over TLS its commands are one message'
const hidden = 'what goes over TLS cannot be read'
const noRestart = 'the embedded server is not started again'

type Row = [operation: Operation, kind: string, reason?: string | undefined, setting?: Partial<Setting>]

const usual: Setting = { server: 'proftpd', mode: 'plain', restarts: true }
const vsftpd = { server: 'vsftpd' }
const tls = { mode: 'tls' } as const
const embedded = { restarts: false }

const rows: Row[] = [
  [stat, 'command lost, RST'],
  [stat, 'second command lost'],
  [stat, 'second reply lost'],
  [chmod, 'reply cut'],
  [chmod, 'second command lost', oneCommand],
  [chmod, 'second reply lost', oneCommand],
  [chmod, 'second command lost', undefined, vsftpd],
  [chmod, 'second command lost', oneFlight, { ...vsftpd, ...tls }],
  [chmod, 'second reply lost', oneFlight, { ...vsftpd, ...tls }],
  [stat, 'second command lost', undefined, tls],
  [stat, 'data cut, FIN', noData],
  [stat, "transfer's reply lost", noData],
  [stat, 'data refused', noData],
  [read, 'data cut, FIN'],
  [read, 'data too late'],
  [read, 'bytes taken and lost', noneUp],
  [write, 'bytes taken and lost'],
  [write, 'data too late', noneDown],
  [copy, 'data too late'],
  [copy, 'bytes taken and lost'],
  [read, 'end of data lost'],
  [read, 'end of data lost', toldBefore, tls],
  [write, 'end of data lost', undefined, tls],
  [copy, 'end of data lost', undefined, tls],
  [stat, '421 for a command'],
  [stat, '421 for a command', hidden, tls],
  [stat, '421 for a reply', hidden, tls],
  [stat, 'login refused', hidden, tls],
  [read, "transfer's reply swallowed", hidden, tls],
  [read, "transfer's reply lost", undefined, tls],
  [stat, 'server restarted'],
  [stat, 'server restarted', noRestart, embedded],
]

t.test('whether a fault makes sense at an operation', async t => {
  for (const [operation, name, reason, setting] of rows) {
    const kind = faultKinds.find(each => each.name === name)!
    const found = nonsense(operation, kind, { ...usual, ...setting })
    t.equal(found, reason, `${operation.name}, ${name}: ${reason ?? 'yes'}`)
  }
})
