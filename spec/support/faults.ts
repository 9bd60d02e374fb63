/** Where the proxy cuts: a moment in the upload of a file, seen on its data connection. */
export type Place =
  | {
      /**
       * So many bytes of the upload have been forwarded; over TLS they count as they are on the
       * wire.
       */
      at: 'byte'
      byte: number
      /**
       * The proxy first stops to read, for 300 ms: further bytes leave the client and stay in the
       * buffers of sockets. The client takes them for sent, and they are lost.
       */
      hold?: boolean
    }
  | {
      /**
       * `fin`: all bytes have been forwarded, the client's FIN has not. `reply`: the FIN has been
       * forwarded, and the first bytes that then come over a control connection, the 226, are lost.
       * `question`: these bytes come through, and all that follows is lost, such as the reply to a
       * SIZE.
       */
      at: 'fin' | 'reply' | 'question'
      /**
       * What has carried fewer bytes is no upload. Over TLS a download sends a handshake, hence
       * 4096 there.
       *
       * Default: 1.
       */
      least?: number
    }

/** Which connections a cut takes, how, and how often. */
export interface Manner {
  /**
   * `data`: the data connection of the upload. `control`: the control connections. Default: `both`,
   * and the other data connections with them, as when a line breaks. All control connections go,
   * because over TLS nothing tells which one the upload belongs to.
   */
  what?: 'both' | 'control' | 'data'
  /** By RST or by FIN, to both sides. Default: `reset`. */
  how?: 'reset' | 'end'
  /** At so many uploads; those that come behind them go through. Default: 1. */
  times?: number
}

export type Fault = Place & Manner

// The last line of a reply has a space behind its code.
const reply = /^(?:[^\n]*\n)*?\d{3} [^\n]*\n/

/** How many bytes of a chunk are its first message: a reply, or a TLS record. */
export function firstMessage(chunk: Buffer): number {
  const isRecord = chunk.length >= 5 && chunk[0]! < 0x20
  const length = isRecord ? 5 + chunk.readUInt16BE(3) : reply.exec(chunk.toString('latin1'))?.[0].length
  return Math.min(length ?? chunk.length, chunk.length)
}
