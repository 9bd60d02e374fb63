import type { FaultProxy } from '../support/fault-proxy.js'
import type { Fault, Kind, Way } from '../support/faults.js'
import type { Mode } from './mode.js'
import type { Attempt, Operation } from './operation.js'
import type { Random } from './random.js'

/** Less than every timeout of the clients, and more. */
const short = 400
const long = 2500

/** What a fault is made with. */
export interface Hands {
  readonly proxy: FaultProxy
  readonly random: Random
  readonly mode: Mode
  readonly attempt: Attempt
  readonly operation: Operation
  /** Kills the server and starts it again; undefined where that cannot be done. */
  readonly restart: ((away: number) => Promise<void>) | undefined
  /** Whether a client has been refused at its connect since the operation began. */
  readonly refused: () => boolean
}

/** A fault that waits for its place in an operation. */
export interface Laid {
  /** It has come to pass. */
  readonly made: () => boolean
  /** Takes it back. Resolves when it is over. */
  readonly end?: () => unknown
}

export interface FaultKind {
  readonly name: string
  /** It is one of a data connection. */
  readonly ofData?: true
  /** It is one of data that goes this way. */
  readonly way?: Way
  /** Commands have to be read for it. */
  readonly plain?: true
  /** The server is started again. */
  readonly restarts?: true
  /** It comes to pass behind the first command. */
  readonly later?: true
  /** It is at the FIN behind all data. */
  readonly atEnd?: true
  readonly lay: (hands: Hands) => Laid
}

const transfers = /^(?:STOR|APPE|RETR|LIST|MLSD|NLST)\b/

/** Handshakes of TLS carry less. */
export const minOverTls = 4096

function laid({ proxy }: Hands, fault: Fault): Laid {
  proxy.cut(fault)
  return { made: () => proxy.made(fault) > 0, end: () => proxy.forget(fault) }
}

const aWay = ({ operation, random }: Hands): Way => random.pick(operation.data)

/** A byte that a data connection of the attempt is likely to carry; over TLS with what TLS adds. */
function aByte({ attempt, random, mode }: Hands): number {
  const more = mode === 'tls' ? 1500 : 0
  return (
    1 + more + random.below(Math.max(1, random.chance(0.3) ? Math.min(attempt.bytes, 1000) : attempt.bytes))
  )
}

const atByte = (hands: Hands) =>
  ({ at: 'byte', byte: aByte(hands), way: aWay(hands), what: 'one' }) satisfies Fault

/** Whoever goes on needs a new session, or a new data connection: some are made ahead. */
function alone(hands: Hands, fault: Fault, kind?: Kind): Laid {
  const made = laid(hands, fault)
  hands.proxy.cutAll('reset', kind)
  return made
}

const either = (random: Random): 'reset' | 'end' => random.pick(['reset', 'end'])

const ofControl: FaultKind[] = [
  { name: 'command lost, RST', lay: hands => laid(hands, { at: 'command', what: 'one', how: 'reset' }) },
  { name: 'command lost, FIN', lay: hands => laid(hands, { at: 'command', what: 'one', how: 'end' }) },
  {
    name: 'second command lost',
    later: true,
    lay: hands => laid(hands, { at: 'command', what: 'one', how: either(hands.random), skip: 1 }),
  },
  {
    name: 'command cut',
    lay: hands => {
      const byte = 1 + hands.random.below(12)
      return laid(hands, { at: 'byte', on: 'control', byte, what: 'one', how: either(hands.random) })
    },
  },
  {
    name: 'command late',
    lay: hands => laid(hands, { at: 'command', what: 'one', how: 'stall', time: short }),
  },
  {
    name: '421 for a command',
    plain: true,
    lay: hands => laid(hands, { at: 'command', what: 'one', how: 'say' }),
  },
  { name: 'reply lost, RST', lay: hands => laid(hands, { at: 'answer', what: 'one', how: 'reset' }) },
  { name: 'reply lost, FIN', lay: hands => laid(hands, { at: 'answer', what: 'one', how: 'end' }) },
  {
    name: 'second reply lost',
    later: true,
    lay: hands => laid(hands, { at: 'answer', what: 'one', how: either(hands.random), skip: 1 }),
  },
  {
    name: 'reply cut',
    lay: hands => {
      const byte = 1 + hands.random.below(12)
      return laid(hands, {
        at: 'byte',
        on: 'control',
        way: 'down',
        byte,
        what: 'one',
        how: either(hands.random),
      })
    },
  },
  { name: 'reply late', lay: hands => laid(hands, { at: 'answer', what: 'one', how: 'stall', time: short }) },
  {
    name: 'reply too late',
    lay: hands => laid(hands, { at: 'answer', what: 'one', how: 'stall', time: long }),
  },
  {
    name: 'reply swallowed',
    lay: hands => laid(hands, { at: 'answer', what: 'one', how: 'silence', time: long }),
  },
  {
    name: '421 for a reply',
    plain: true,
    lay: hands => laid(hands, { at: 'answer', what: 'one', how: 'say' }),
  },
]

const ofTransfers: FaultKind[] = [
  {
    name: "transfer's reply lost",
    ofData: true,
    lay: hands =>
      hands.mode === 'tls'
        ? laid(hands, {
            at: 'reply',
            way: aWay(hands),
            min: minOverTls,
            what: 'control',
            how: either(hands.random),
          })
        : laid(hands, { at: 'answer', line: transfers, what: 'one', how: either(hands.random) }),
  },
  {
    name: "transfer's reply swallowed",
    ofData: true,
    plain: true,
    lay: hands => laid(hands, { at: 'answer', line: transfers, what: 'one', how: 'silence', time: long }),
  },
  { name: 'data cut, RST', ofData: true, lay: hands => laid(hands, { ...atByte(hands), how: 'reset' }) },
  {
    name: 'data cut, FIN',
    ofData: true,
    lay: hands => laid(hands, { ...atByte(hands), how: 'end', within: true }),
  },
  {
    name: 'data cut twice',
    ofData: true,
    lay: hands => laid(hands, { ...atByte(hands), how: 'reset', times: 2 }),
  },
  {
    name: 'line cut in a transfer',
    ofData: true,
    lay: hands => laid(hands, { ...atByte(hands), what: 'both', how: either(hands.random) }),
  },
  {
    name: 'bytes taken and lost',
    ofData: true,
    way: 'up',
    lay: hands =>
      laid(hands, { at: 'byte', byte: aByte(hands), hold: true, what: 'both', how: either(hands.random) }),
  },
  {
    name: 'end of data lost',
    ofData: true,
    atEnd: true,
    lay: hands =>
      laid(hands, {
        at: 'fin',
        way: aWay(hands),
        min: hands.mode === 'tls' ? minOverTls : 1,
        what: 'one',
        how: 'reset',
      }),
  },
  {
    name: 'data stalls',
    ofData: true,
    lay: hands => laid(hands, { ...atByte(hands), how: 'stall', time: short }),
  },
  {
    // Not of uploads: a server would store what comes when the client has long sent it again.
    name: 'data too late',
    ofData: true,
    way: 'down',
    lay: hands => laid(hands, { ...atByte(hands), way: 'down', how: 'stall', time: long }),
  },
  {
    name: 'data silent',
    ofData: true,
    lay: hands => laid(hands, { ...atByte(hands), how: 'silence', time: long }),
  },
  {
    name: 'data reset at connect',
    ofData: true,
    lay: hands => alone(hands, { at: 'connect', on: 'data', how: 'reset' }, 'data'),
  },
  {
    name: 'data refused',
    ofData: true,
    lay: ({ proxy, refused }) => {
      proxy.cutAll('reset', 'data')
      const over = proxy.refuse('data', short)
      return { made: refused, end: () => over }
    },
  },
]

const ofConnects: FaultKind[] = [
  {
    name: 'all cut',
    lay: ({ proxy, random }) => {
      const lines = proxy.cutAll(either(random))
      return { made: () => lines > 0 }
    },
  },
  { name: 'reset at connect', lay: hands => alone(hands, { at: 'connect', on: 'control', how: 'reset' }) },
  {
    name: 'no greeting',
    lay: hands => alone(hands, { at: 'connect', on: 'control', how: 'silence', time: long }),
  },
  {
    name: '421 for a greeting',
    lay: hands =>
      alone(hands, { at: 'connect', on: 'control', how: 'say', reply: '421 Too many users', lasts: short }),
  },
  {
    name: 'login refused',
    plain: true,
    lay: hands => {
      const reply = '530 Sorry, the maximum number of clients (10) from your host are already connected.'
      return alone(hands, { at: 'command', line: /^PASS/, what: 'one', how: 'say', reply, lasts: short })
    },
  },
  {
    name: 'connect refused',
    lay: ({ proxy, refused }) => {
      proxy.cutAll('reset')
      const over = proxy.refuse('control', short)
      return { made: refused, end: () => over }
    },
  },
  {
    name: 'server restarted',
    restarts: true,
    lay: ({ proxy, restart, refused }) => {
      const restarted = restart!(100)
      // They would end with the server, in some milliseconds.
      proxy.cutAll('reset')
      const over = proxy.refuse('control', restarted)
      return { made: refused, end: () => Promise.all([restarted, over]) }
    },
  },
]

export const faultKinds: readonly FaultKind[] = [...ofControl, ...ofTransfers, ...ofConnects]

/** Where operations and faults meet. */
export interface Setting {
  readonly server: string
  readonly mode: Mode
  /** The server can be started again. */
  readonly restarts: boolean
}

/** Why a fault makes no sense at an operation; undefined where it does. */
export function nonsense(
  operation: Operation,
  kind: FaultKind,
  { server, mode, restarts }: Setting,
): string | undefined {
  if (kind.ofData && operation.data.length === 0) return 'it has no data connection'
  if (kind.way && !operation.data.includes(kind.way)) return `it has no data that goes ${kind.way}`
  // By close_notify, so that the operation may have ended.
  if (kind.atEnd && mode === 'tls' && !operation.data.includes('up')) return 'over TLS the end is told before'
  if (kind.later && operation.oneCommandOn?.includes(server)) return 'it sends one command'
  if (kind.later && operation.flights === 1 && mode === 'tls') return 'over TLS its commands are one message'
  if (kind.plain && mode === 'tls') return 'what goes over TLS cannot be read'
  if (kind.restarts && !restarts) return 'the embedded server is not started again'
  return undefined
}
