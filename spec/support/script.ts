import type { ByteString } from '../../lib/wire/names/names.js'
import type { CommandContext } from './scripted-command.js'

/** A file or folder of a scripted server. */
export interface Entry {
  content: Buffer | 'dir'
  modified: Date
  mode: number
}

/** Answers one command. It may wait: the next command of that connection is not begun before it has ended. */
export type Handler = (ctx: CommandContext) => void | Promise<void>

/** What a transfer sends: strings are byte strings. */
export type DataSource = Iterable<string | Buffer> | AsyncIterable<string | Buffer>

/** A place where a scripted server drops a connection. */
export interface Cut {
  /** The command at which it happens, e.g. `RETR`. */
  command: string
  /** At which of them, counted over all connections from 1, the default. */
  nth?: number
  /** When it has come and has had no reply (`command`, the default), after its 150, or after so many data bytes. */
  after?: 'command' | '150' | number
  /**
   * What is dropped; `both` by default. With `data` a 426 follows. With `control` the command still takes
   * effect and only its reply is lost.
   */
  what?: 'both' | 'control' | 'data'
  /** RST instead of FIN. */
  reset?: boolean
}

/** How a scripted server speaks TLS (RFC 4217). Certificates and keys are PEM. */
export interface ScriptTls {
  cert: string
  key: string
  /** Sent behind the certificate. */
  ca?: string
  /** Another certificate for data connections; their sessions are then none of the control connection's. */
  dataCert?: string
  dataKey?: string
  /** `explicit`, the default: after AUTH TLS. `implicit`: from the first byte, and PROT P from the beginning. */
  mode?: 'explicit' | 'implicit'
  /** Default: Node's. Before TLS 1.2 the server's security level is 0. */
  minVersion?: TlsVersion
  maxVersion?: TlsVersion
  /** Clients must show a certificate that this authority has issued, on control connections. */
  clientCa?: string
  /** The reply to AUTH; TLS begins when it is a 234. */
  authReply?: string
  /** The reply to PROT, which takes effect when it is a 200. */
  protReply?: string
  /** `required`: a data connection that does not resume a session of a control connection gets a 522. */
  sessionReuse?: 'required'
  /** When the handshake of a data connection begins: after the 150, the default, or when the connection is made. */
  handshakeAfter?: 'connect' | '150'
  /** What is sent ends by FIN alone. */
  noCloseNotify?: boolean
  /** Plaintext in the packet of the 234, behind it. */
  injected?: string
}

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'

/** How a scripted server departs from a plain, sane one. Paths and texts are byte strings. */
export interface Script {
  /** `220 scripted` by default; several lines; or by connection, counted from 1. From code 400 on it closes, '' sends none. */
  greeting?: string | string[] | ((connection: number) => string)
  /** The FEAT lines; `none` answers 500. */
  features?: string[] | 'none'
  /** False: MLST and MLSD answer 500. */
  mlst?: boolean
  epsv?: 'ok' | 'refused'
  eprt?: 'ok' | 'refused'
  port?: 'ok' | 'refused'
  /** The local address of active data connections, e.g. `127.0.0.2`. */
  activeFrom?: string
  /** The address to listen on: `127.0.0.1`, the default, or `::1`. */
  host?: string
  /** Without it AUTH, PBSZ and PROT answer 500. */
  tls?: ScriptTls
  /** The tree by absolute path; null is a folder. Parents come by themselves, times are {@link EPOCH}. */
  files?: Record<ByteString, string | Buffer | null>
  /** Handlers by command name, before the default behaviour, which `ctx.next()` runs. */
  on?: Record<string, Handler>
  /** Control replies go in pieces of so many bytes, each in a segment of its own. */
  replySplit?: number | 'every-byte'
  /** The replies to the commands of one TCP read go in one packet (as far as no transfer needs them earlier). */
  joinReplies?: boolean
  /** Of the commands of one TCP read only the first is answered, the others are lost. */
  answersOnlyFirst?: boolean
  /** Milliseconds before the reply to the nth command of one TCP read is begun, counted from 0. */
  pause?: (nth: number) => number
  /** The IPv4 address in the 227 reply. */
  pasvAddress?: string
  /** The size told (SIZE, MLST, listings) instead of the real one. */
  sizeLies?: (path: ByteString, real: number) => number
  /** 226 comes right behind the 150, before any data. */
  earlyComplete?: boolean
  cut?: Cut | Cut[]
  listStyle?: 'unix' | 'iis'
}

/** The time of every entry that a script lays down: old enough for a listing to show its year. */
export const EPOCH = new Date('2020-01-02T03:04:05Z')

/** A refusal: its message is the reply. */
export class Refusal extends Error {}

export const lost = () => new Refusal('426 Connection closed; transfer aborted')
