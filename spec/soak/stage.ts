import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FtpVfs } from '../../lib/index.js'
import { Clients, withOptional } from './clients.js'
import { minOverTls, type Hands } from './fault-kinds.js'
import type { Ended, Findings } from './findings.js'
import type { Journal } from './journal.js'
import { settled } from './leaks.js'
import type { Mode } from './mode.js'
import type { Attempt } from './operation.js'
import { Random } from './random.js'
import { Schedule, type Cell, type Turn } from './schedule.js'
import { startSubject, type Subject, type SubjectName } from './subject.js'
import { file } from './tree.js'
import { Turns } from './turns.js'
import { Worker } from './worker.js'
import { World, type Shared } from './world.js'

export interface StageOptions {
  readonly server: SubjectName
  readonly mode: Mode
  readonly seed: number
  readonly workers: number
  /** Default: 1 to 6. */
  readonly connections?: number
  /** On the average there is a fault in so many operations. */
  readonly every: number
  /** How long an operation may take; milliseconds. Default: more than all timeouts and retries take together. */
  readonly limit?: number
}

/** What the stages of a run have in common. */
export interface Common {
  readonly cells: readonly Cell[]
  readonly findings: Findings
  readonly journal: Journal
  /** There is more to do. */
  readonly goesOn: () => boolean
}

/** So many operations are done by one FtpVfs. */
const lifetime = 150
const sharedNames = Array.from({ length: 300 }, (_, at) => `entry ${at}`)

/** A server, a proxy, clients and workers. */
export class Stage {
  readonly turns = new Turns()
  readonly random: Random
  readonly schedule: Schedule
  readonly clients: Clients
  readonly destroyed = new Set<FtpVfs>()
  /** How long an operation may take; milliseconds. */
  readonly limit: number
  /** When the last one was made, as performance.now() has it. */
  lastFault = -Infinity
  lastKind = 'none'
  /** Operations of the clients that are open. */
  #age = 0

  private constructor(
    readonly options: StageOptions,
    readonly common: Common,
    readonly subject: Subject,
    /** A folder on this machine. */
    readonly folder: string,
  ) {
    const { server, seed, every, connections, limit = 60_000 } = options
    this.limit = limit
    this.random = new Random(seed)
    this.schedule = new Schedule(common.cells, this.random, every)
    // ProFTPD 1.3.8 accepts nothing for 0.4 s when sessions have ended.
    const shortTimeout = server === 'proftpd' ? 2000 : server === 'embedded' ? 1000 : 1500
    const timeouts = { shortTimeout, readWriteTimeout: Math.min(shortTimeout, 1500), listTimeout: 8000 }
    const settings = { ...subject.options, ...timeouts, spoolDirectory: join(folder, 'spool') }
    this.clients = new Clients(
      subject.url,
      withOptional(subject.url, settings, { retryDelay: 400, retries: 7 }),
      this.random,
      connections,
    )
  }

  static async open(options: StageOptions, common: Common): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'ftp-vfs-soak-'))
    await mkdir(join(folder, 'spool'))
    return new Stage(options, common, await startSubject(options.server, options.mode), folder)
  }

  ended(ended: Ended): void {
    this.#age++
    this.common.findings.ended(ended)
  }

  /** Does it all, and closes everything. */
  async run(): Promise<void> {
    const shared: Shared = { path: `/shared${this.options.seed}`, names: sharedNames }
    for (const name of sharedNames)
      await this.subject.disk.put(`${shared.path}/${name}`, file(Buffer.alloc(0)))
    const workers = await Promise.all(
      Array.from({ length: this.options.workers }, async (_, at) => {
        const local = join(this.folder, `worker${at}`)
        await mkdir(local)
        const { disk } = this.subject
        const atomic = this.options.mode === 'atomicUploads'
        const world = new World(
          `/w${this.options.seed}-${at}`,
          local,
          disk,
          new Random(this.options.seed * 1000 + at),
          shared,
          atomic,
          this.options.mode === 'tls' ? 2 * minOverTls : 1,
        )
        await world.put(world.folder, { kind: 'folder' })
        return new Worker(this, world)
      }),
    )
    try {
      await Promise.all(workers.map(worker => worker.work()))
      await this.#closeClients()
      for (const worker of workers) {
        for (const wrong of await worker.lookAtAll()) this.common.findings.left('the end', wrong)
      }
    } finally {
      this.clients.destroy()
      await this.subject.proxy[Symbol.asyncDispose]()
      await rm(this.folder, { recursive: true })
    }
  }

  /** `start`: when the operation begins, `about`: its folder. */
  hands({ operation }: Turn, attempt: Attempt, start: number, about: string): Hands {
    const { random, subject, options, common } = this
    const { proxy, restart } = subject
    const refused = (): boolean => common.journal.refused(start, proxy.ports, about)
    return { proxy, random, mode: options.mode, attempt, operation, restart, refused }
  }

  /** From time to time all of them are closed, and others opened. */
  async renewClients(): Promise<void> {
    if (this.#age < lifetime) return
    this.#age = 0
    await this.turns.alone(() => this.#closeClients())
  }

  /** One of its calls hangs. */
  destroyClients(vfs: FtpVfs): void {
    this.destroyed.add(vfs)
    vfs.destroy()
    this.clients.forget(vfs)
  }

  async #closeClients(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<string>(resolve => {
      timer = setTimeout(() => resolve('it hangs'), this.limit)
    })
    const closed = this.clients.close().then(
      () => undefined,
      (error: unknown) => String(error),
    )
    const { subject } = this
    const { findings } = this.common
    findings.left('close()', await Promise.race([closed, late]))
    clearTimeout(timer)
    const open = await settled(() => {
      const { control, data } = subject.proxy.open
      return control + data > 0 ? `${control} control and ${data} data connections are open` : undefined
    })
    findings.left('behind close()', open)
    // Sessions of the server may still wait for what was lost.
    if (subject.proxy.open.control === 0) subject.proxy.cutAll('reset')
    const spooled = await readdir(join(this.folder, 'spool'))
    findings.left(
      'behind close()',
      spooled.length > 0 ? `in the spool directory there is ${spooled.join()}` : undefined,
    )
  }
}
