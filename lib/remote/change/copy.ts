import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import { ConnectionLostError } from '../../wire/ftp-errors.js'
import type { ByteString } from '../../wire/names/names.js'
import { isUnknownCommand, replyText, type Reply } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import type { FileVersion } from '../read/file-version.js'
import { Reader } from '../read/reader.js'
import { RefusedError } from '../refused.js'
import type { Remote } from '../remote.js'
import { Spool } from '../spool.js'
import { statPath } from '../stat/stat.js'
import { transfer } from '../read/transfer.js'
import { withIncomplete } from '../write/with-incomplete.js'
import { storeFile } from '../write/store-file.js'
import { UploadVerifyError } from '../write/upload-verify-error.js'
import { Writer, type WriterOptions } from '../write/writer.js'

export interface CopyOptions extends Pick<WriterOptions, 'exclusive' | 'folder'> {
  /** The caller knows that the destination does not exist. */
  isNew?: boolean
}

/**
 * Copies a file through this machine, since FTP has no copy command. Reading and writing may take
 * turns on one session.
 */
export async function copyContent(
  remote: Remote,
  call: Call,
  path: ByteString,
  dest: ByteString,
  { exclusive = false, folder = false, isNew = false }: CopyOptions = {},
): Promise<void> {
  if (path === dest && !exclusive && !folder) {
    // A no-op, as on a local disk. A copy would also empty the file before reading it.
    if ((await statPath(remote, call, path)).type === 'directory') throw new RefusedError('EISDIR')
    return
  }
  // A link may make both paths one file, so the file is read to its end before it is written.
  const collect = !exclusive && !isNew && (await mayBeSame(remote, call, path, dest))
  await new Copy(remote, call, path, dest, {
    mode: 'replace',
    exclusive,
    folder,
    collect,
    keep: collect,
  }).copy()
}

/** The copy of one file. */
class Copy {
  /** The version of the file at the first read. */
  #facts: FileVersion | undefined

  constructor(
    readonly remote: Remote,
    readonly call: Call,
    readonly path: ByteString,
    readonly dest: ByteString,
    readonly options: WriterOptions,
  ) {}

  async copy(): Promise<void> {
    const { remote, call, dest, options } = this
    const writer = new Writer(remote, call, dest, options)
    let lost = false
    const sent = async (work: Promise<void>): Promise<void> => {
      try {
        await work
      } catch (error) {
        lost = canBeSentAgain(error)
        throw error
      }
    }
    try {
      await this.#read(chunk => sent(writer.write(chunk)))
      await sent(writer.end())
    } catch (error) {
      const failed = await writer.abandon(error)
      if (!lost || !writer.sentLive || call.cancelled) throw failed
      try {
        await remote.pool.retry(call, failed)
        await this.#again()
      } catch (error) {
        throw withIncomplete(error, (failed as { incomplete?: string }).incomplete)
      }
    }
  }

  /**
   * Copies again, and reads the file to its end before it sends anything. Fails if the file has
   * changed since the first read.
   */
  async #again(): Promise<void> {
    const { remote, call, dest, options } = this
    const { spoolDirectory, replayBuffer } = remote.options
    const spool = new Spool(spoolDirectory, replayBuffer, remote.memory.share())
    try {
      await this.#read(chunk => spool.append(chunk))
      await storeFile(remote, call, dest, spool, options)
    } finally {
      await spool.dispose()
    }
  }

  #read(take: (chunk: Buffer) => Promise<void>): Promise<void> {
    const facts = this.#facts
    const onFacts = (version: FileVersion): void => void (this.#facts ??= version)
    return transfer(new Reader(this.remote, this.call, this.path, { facts, onFacts }), take)
  }
}

/**
 * Whether two paths may name the same file. They do not if their sizes or times differ, or if one
 * of them is missing.
 */
function mayBeSame(remote: Remote, call: Call, path: ByteString, other: ByteString): Promise<boolean> {
  return ask(remote, call, {
    commands: () => [path, other].flatMap(each => [command('SIZE', each), command('MDTM', each)]),
    answer: ([size, time, otherSize, otherTime]) => equal(size!, otherSize!) && equal(time!, otherTime!),
  })
}

/** A lost connection or a wrong size may not recur. */
function canBeSentAgain(error: unknown): boolean {
  if (error instanceof UploadVerifyError) return error.actual !== undefined && error.actual !== error.expected
  return error instanceof ConnectionLostError
}

const isMissing = (reply: Reply): boolean => reply.code === 550 && !isUnknownCommand(reply)

function equal(reply: Reply, other: Reply): boolean {
  if (isMissing(reply) || isMissing(other)) return false
  // A server without the command says nothing about either file.
  return reply.code !== other.code || replyText(reply) === replyText(other)
}
