/** `up`: from the client to the server. */
export type Way = 'up' | 'down'

export type Kind = 'control' | 'data'

/** Where the proxy makes a fault: a moment in the life of a connection. */
export type Place =
  | {
      /**
       * So many bytes have been forwarded: of a data connection since its beginning, of a control
       * connection since the fault was laid, or since its beginning if that came later. Over TLS they
       * count as they are on the wire.
       */
      at: 'byte'
      byte: number
      /**
       * The proxy first stops to read, for 300 ms: further bytes leave the client and stay in the
       * buffers of sockets. The client takes them for sent, and they are lost. For data alone.
       */
      hold?: boolean
      /** Not behind the end of a line, where nothing shows that one is missing: a byte beside it. For data alone. */
      within?: boolean
      /** Default: `up`. */
      way?: Way
      /** Default: `data`. */
      on?: Kind
    }
  | {
      /**
       * In a transfer. `fin`: all bytes have been forwarded, the sender's FIN has not. `reply`: the
       * FIN has been forwarded, and the first bytes that then come over a control connection, the
       * 226, are lost. `question`: these bytes come through, and all that follows is lost, such as
       * the reply to a SIZE.
       */
      at: 'fin' | 'reply' | 'question'
      /**
       * What has carried fewer bytes is no transfer. Over TLS each side sends a handshake, hence
       * 4096 there.
       *
       * Default: 1.
       */
      min?: number
      /** Default: `up`. */
      way?: Way
    }
  | {
      /**
       * `command`: it has come from the client and is not forwarded. `answer`: its final reply has
       * come from the server and is not forwarded. Over TLS they cannot be read: what comes from the
       * client in one go is a command, what then comes from the server an answer.
       */
      at: 'command' | 'answer'
      /** The command is one of these. Not over TLS. Default: any. */
      line?: RegExp
      /** So many such places go by first. Default: 0. */
      skip?: number
    }
  | {
      /** A client has connected to the proxy, and the proxy to no server. */
      at: 'connect'
      on: Kind
    }

/** Which connections meet the fault, how, and how often. */
export interface Manner {
  /**
   * `one`: the connection where the place is. `data`: the data connection of the transfer.
   * `control`: all control connections, because over TLS nothing tells which one a transfer belongs
   * to. Default: `both`, these and all data connections, as when a line breaks; of those who connect
   * it is always `one`.
   */
  what?: 'both' | 'control' | 'data' | 'one'
  /**
   * `reset`: RST to both sides, `end`: FIN to both sides. `stall`: nothing is forwarded for a while,
   * and then all of it. `silence`: nothing is forwarded for a while, and then it is reset. `say`: a
   * reply in the place of the server's, and FIN to both sides; where commands can be read or nothing
   * has been said. Default: `reset`.
   */
  how?: 'reset' | 'end' | 'stall' | 'silence' | 'say'
  /** How long it stalls or is silent; milliseconds. Default: 300. */
  time?: number
  /** What is said. Default: `421 Service not available, closing control connection`. */
  reply?: string
  /** At so many places; what comes behind them goes through. Default: 1. */
  times?: number
  /** Once made it is made at all such places for so long, whatever `times` says; milliseconds. */
  lasts?: number
}

export type Fault = Place & Manner

/** @throws TypeError for a fault that cannot be made */
export function checkFault(fault: Fault): void {
  const { at, what, how } = fault
  if (what === 'data' && (at === 'reply' || at === 'question')) {
    throw new TypeError(`At a ${at} the control connections are cut`)
  }
  const isDialog = at === 'command' || at === 'answer' || (at === 'connect' && fault.on === 'control')
  if (how === 'say' && !isDialog) throw new TypeError(`At a ${at} nothing can be said`)
  if (at === 'byte' && fault.hold && fault.on === 'control') throw new TypeError('A command is not held')
}

// The last line of a reply has a space behind its code.
const reply = /^(?:[^\n]*\n)*?\d{3} [^\n]*\n/

/** Bytes of TLS: no command and no reply begins with one of its record types. */
export const isRecord = (chunk: Buffer): boolean => chunk.length > 0 && chunk[0]! < 0x20

/** How many bytes of a chunk are its first message: a reply, or a TLS record. */
export function firstMessage(chunk: Buffer): number {
  const length =
    isRecord(chunk) && chunk.length >= 5
      ? 5 + chunk.readUInt16BE(3)
      : reply.exec(chunk.toString('latin1'))?.[0].length
  return Math.min(length ?? chunk.length, chunk.length)
}
