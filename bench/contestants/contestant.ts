import type { Readable, Writable } from 'node:stream'

/** Where a contestant logs in. */
export interface Login {
  host: string
  port: number
  user: string
  password: string
  /** Explicit TLS, with a certificate of this authority (PEM); without it in the clear. */
  ca?: string
}

/** A client of FTP at work, with all its connections. Each method does the whole of it and rejects when a part fails. */
export interface Contestant {
  upload(path: string, source: Readable): Promise<void>
  download(path: string, sink: Writable): Promise<void>
  /** The same bytes under every path. */
  uploadAll(paths: string[], bytes: Buffer): Promise<void>
  /** Resolves with how many bytes came. */
  downloadAll(paths: string[]): Promise<number>
  /** Size and time of every file; resolves with the sum of the sizes. */
  statAll(paths: string[]): Promise<number>
  /** Names and types of a folder's entries; resolves with how many there are. */
  list(path: string): Promise<number>
  close(): Promise<void>
}

/** Connects and logs in, on as many connections as are asked for. */
export type Enter = (login: Login, connections: number) => Promise<Contestant>
