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

/** What there is to do. Each method does the whole of it and rejects when a part fails. */
export interface Tasks {
  /** A local file. */
  upload(local: string, path: string): Promise<void>
  download(path: string, local: string): Promise<void>
  /** Bytes of this process, which no file holds. */
  store(path: string, source: Readable): Promise<void>
  /** One file over all connections, into this process or a file; resolves with how many bytes came. */
  retrieve(path: string, sink: Writable): Promise<number | void>
  /** The same bytes under every path; in a program, the files in `up` of the run's folder. */
  uploadAll(paths: string[], bytes: Buffer): Promise<void>
  /** All files of one folder; a program puts them into `down` of the run's folder. Resolves with how many bytes came. */
  downloadAll(paths: string[]): Promise<number>
  /** Size and time of every file; resolves with the sum of the sizes. */
  statAll(paths: string[]): Promise<number>
  /** Names and types of a folder's entries; resolves with how many there are. */
  list(path: string): Promise<number>
  /** The same, entry by entry. */
  listOneByOne(path: string): Promise<number>
  /** All that is below a folder, with types; resolves with how many entries there are. */
  walk(path: string): Promise<number>
  /** A folder and all that is below it. */
  remove(path: string): Promise<void>
}

/** A client of FTP at work, with all its connections, and with what it can do of the tasks. */
export interface Contestant extends Partial<Tasks> {
  /** What its programs took, start and login included; absent where this process does the work. */
  spent?(): { seconds: number; cpuSeconds: number; peakRss: number }
  close?(): Promise<void>
}

/** The run's folder holds what a program needs and what it makes; it is empty but for `up` and `down`. */
export type Enter = (login: Login, connections: number, folder: string) => Promise<Contestant>

/** With how many connections a contestant enters: of the counts that are asked for, or not at all. */
export type Crew = 'all' | 'least' | 'most' | 'several' | 'none'

export interface Entrant {
  /** Connects and logs in, on as many connections as are asked for; a program does both anew each time. */
  enter: Enter
  /** Asked for its `--version`: where it has none, the contestant stays out. */
  program?: string
  /** Peers are ranked by their best: with any number of connections, and under any name. */
  family: 'ftp-vfs' | 'basic-ftp' | 'lftp' | 'rclone' | 'curl'
  /** With a delay (`far`) what it would need minutes for is left out. */
  crew: (scenario: string, far: boolean) => Crew
  /** Over TLS its data connections resume any session, which vsftpd and ProFTPD refuse: it enters with one connection. */
  mixesSessions?: true
}
