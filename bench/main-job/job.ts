import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FtpVfs } from '../../lib/index.js'
import { content, hashed } from './content.js'
import type { Progress, Row } from './report.js'

/** What the job uses of a file system. */
export type JobFs = Pick<
  FtpVfs,
  'mkdir' | 'readdir' | 'stat' | 'rm' | 'access' | 'createReadStream' | 'createWriteStream' | 'stats'
>

export interface JobOptions {
  signal: AbortSignal
  progress: Progress
  /** Default 300, of 1 to 64 KiB. */
  smallFiles?: number
  /** Bytes of the big file; default 64 MiB. */
  bigSize?: number
}

interface File {
  path: string
  seed: number
  size: number
  hash?: string
}

const folders = 10

/** Makes `folder`, fills it, reads it back, compares and removes it. Rejects at the first thing that is not as it was. */
export async function runJob(vfs: JobFs, folder: string, options: JobOptions): Promise<Row[]> {
  const { smallFiles = 300, bigSize = 64 * 1024 * 1024 } = options
  const small = Array.from({ length: smallFiles }, (_, seed): File => {
    const path = `${folder}/folder-${seed % folders}/file-${seed}.bin`
    return { path, seed, size: 1024 + ((seed * 7919) % (63 * 1024 + 1)) }
  })
  const big: File = { path: `${folder}/big.bin`, seed: -1, size: bigSize }
  const job = new Job(vfs, options)

  const all = [...small, big]

  await job.step('Make folders', { files: 0, bytes: 0 }, async () => {
    await vfs.mkdir(folder)
    await job.all(Array.from({ length: folders }, (_, index) => () => vfs.mkdir(`${folder}/folder-${index}`)))
  })
  await job.step('Upload small files', total(small), done => job.each(small, file => job.upload(file, done)))
  await job.step('Upload a big file', total([big]), done => job.upload(big, done))
  await job.step('List', { files: all.length, bytes: 0 }, done => job.list(folder, all, done))
  await job.step('Stat', { files: all.length, bytes: 0 }, done => job.each(all, file => job.stat(file, done)))
  await job.step('Read small files', total(small), done => job.each(small, file => job.download(file, done)))
  await job.step('Read a big file', total([big]), done => job.download(big, done))
  await job.step('Delete', { files: all.length, bytes: 0 }, () => job.remove(folder))
  return job.rows
}

type Advance = (files: number, bytes: number) => void

function total(files: File[]): Pick<Row, 'files' | 'bytes'> {
  return { files: files.length, bytes: files.reduce((sum, file) => sum + file.size, 0) }
}

class Job {
  readonly rows: Row[] = []
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal

  constructor(
    private readonly vfs: JobFs,
    private readonly options: JobOptions,
  ) {
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal])
    setMaxListeners(0, this.#signal)
  }

  async step(
    name: string,
    { files, bytes }: Pick<Row, 'files' | 'bytes'>,
    work: (advance: Advance) => Promise<void>,
  ): Promise<void> {
    this.#signal.throwIfAborted()
    const { progress } = this.options
    const start = performance.now()
    let connections = 0
    const sample = () => (connections = Math.max(connections, this.vfs.stats().busy))
    const timer = setInterval(sample, 1)
    progress.begin(name, files, bytes)
    try {
      await work((moreFiles, moreBytes) => {
        sample()
        progress.advance(moreFiles, moreBytes)
      })
    } catch (error) {
      progress.stop()
      throw error
    } finally {
      clearInterval(timer)
    }
    const seconds = (performance.now() - start) / 1000
    const row = { step: name, files, bytes, seconds, connections }
    this.rows.push(row)
    progress.end(row)
  }

  /** All at once: the pool decides what runs. The first failure stops the rest, and nothing runs on behind it. */
  async all(tasks: (() => Promise<unknown>)[]): Promise<void> {
    let failure: { error: unknown } | undefined
    await Promise.all(
      tasks.map(task =>
        task().catch((error: unknown) => {
          failure ??= { error }
          this.#stop.abort()
        }),
      ),
    )
    if (failure) throw failure.error
  }

  each(files: File[], work: (file: File) => Promise<void>): Promise<void> {
    return this.all(files.map(file => () => work(file)))
  }

  async upload(file: File, advance: Advance): Promise<void> {
    const hash = createHash('sha256')
    const source = Readable.from(hashed(content(file.seed, file.size), hash, bytes => advance(0, bytes)))
    await pipeline(source, this.vfs.createWriteStream(file.path), { signal: this.#signal })
    file.hash = hash.digest('hex')
    advance(1, 0)
  }

  async list(folder: string, files: File[], advance: Advance): Promise<void> {
    const listed = new Set((await this.vfs.readdir(folder, { recursive: true })).map(String))
    const missing = files.find(file => !listed.has(file.path.slice(folder.length + 1)))
    if (missing) throw new Error(`${missing.path} is not in the listing`)
    if (listed.size !== files.length + folders) throw new Error(`${folder} lists ${listed.size} entries`)
    advance(files.length, 0)
  }

  async stat(file: File, advance: Advance): Promise<void> {
    const { size } = await this.vfs.stat(file.path)
    if (Number(size) !== file.size) throw new Error(`${file.path} has ${size} bytes instead of ${file.size}`)
    advance(1, 0)
  }

  async download(file: File, advance: Advance): Promise<void> {
    const hash = createHash('sha256')
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        hash.update(chunk)
        advance(0, chunk.length)
        done()
      },
    })
    await pipeline(this.vfs.createReadStream(file.path), sink, { signal: this.#signal })
    if (hash.digest('hex') !== file.hash) throw new Error(`${file.path} came back with another sha256`)
    advance(1, 0)
  }

  async remove(folder: string): Promise<void> {
    await this.vfs.rm(folder, { recursive: true })
    const left = await this.vfs.access(folder).then(
      () => true,
      () => false,
    )
    if (left) throw new Error(`${folder} is still there`)
  }
}
