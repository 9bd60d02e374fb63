import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import { mlstEntry } from '../../wire/listing/mlsd-line.js'
import { Incoming } from '../../wire/data/incoming.js'
import type { ListedEntry } from '../../wire/listing/listed-entry.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { join } from '../paths.js'
import type { Remote } from '../remote.js'
import { serverPath } from '../server-file.js'

/** A listing whose last line has no line end. */
export interface ShownNames {
  /** The entry of the last line; undefined if that line shows none, like the line of `.`. */
  readonly last: ListedEntry | undefined
  /** The number of entries, including the last one. */
  readonly all: number
  /** The number of names that do not begin with a dot, and of the bytes in them. */
  readonly plain: number
  readonly plainBytes: number
}

/**
 * The proof that a listing is complete. `names`: NLST shows as many names, including the last one.
 * `facts`: MLST reports the last entry as listed. Undefined: there is no proof.
 */
export type Proof = 'names' | 'facts' | undefined

/** Asks for proof that the last line of a listing is complete, and is the last one. */
export async function lastNameProof(
  remote: Remote,
  call: Call,
  folder: ByteString,
  shown: ShownNames,
): Promise<Proof> {
  const { last } = shown
  const names = await namesIn(remote, call, folder, last?.name)
  const proof = names ? proofOf(names, shown) : 'undecided'
  if (proof !== 'undecided') return proof
  if (!last || !remote.pool.server.can.mlst.usable) return undefined
  return (await isAsShown(remote, call, folder, last)) ? 'facts' : undefined
}

/** The names that NLST shows. */
export interface Names {
  readonly all: number
  /**
   * The number of names that do not begin with a dot, and of the bytes in them: not every server
   * shows the others.
   */
  readonly plain: number
  readonly plainBytes: number
  /** The name of the last entry is among them, or there is no last entry. */
  readonly found: boolean
}

/** What the names in a folder prove about its listing. Some servers omit folders from NLST. */
export function proofOf(names: Names, shown: Omit<ShownNames, 'last'>): Proof | 'undecided' {
  if (names.all > shown.all || names.plainBytes > shown.plainBytes) return undefined
  const same = names.plain === shown.plain && names.plainBytes === shown.plainBytes
  return same && names.found ? 'names' : 'undecided'
}

/** Undefined if the server has no NLST, or breaks it off. */
async function namesIn(
  remote: Remote,
  call: Call,
  folder: ByteString,
  wanted: ByteString | undefined,
): Promise<Names | undefined> {
  const names = { all: 0, plain: 0, plainBytes: 0, found: wanted === undefined }
  let rest = ''
  const take = (line: ByteString): void => {
    const name = line.replace(/\r$/, '').replace(/^.*\//s, '')
    if (name === '' || name === '.' || name === '..') return
    names.all += 1
    if (name === wanted) names.found = true
    if (name.startsWith('.')) return
    names.plain += 1
    names.plainBytes += name.length
  }
  const lease = await remote.pool.acquire(call, 'metadata')
  try {
    const incoming = await Incoming.open(lease.session, {
      along: [command('CWD', serverPath(remote, folder))],
      judge: replies => replies.find(reply => !isPositive(reply)),
      commands: [command('NLST')],
      onData(chunk) {
        const lines = (rest + chunk.toString('latin1')).split('\n')
        rest = lines.pop()!
        lines.forEach(take)
      },
      timeout: remote.options.listTimeout,
    })
    if (!(incoming instanceof Incoming)) return undefined
    const forget = call.onCancel(() => void incoming.stop())
    const replies = await incoming.done.finally(forget)
    call.throwIfCancelled()
    take(rest)
    return isPositive(replies.at(-1)!) ? names : undefined
  } finally {
    lease.release()
  }
}

async function isAsShown(
  remote: Remote,
  call: Call,
  folder: ByteString,
  { name, type, size, unique }: ListedEntry,
): Promise<boolean> {
  const path = join(folder, name)
  const facts = await ask(remote, call, {
    key: `last name ${path}`,
    commands: () => [command('MLST', path)],
    answer: ([reply]) => mlstEntry(reply!),
  })
  return (
    facts !== undefined &&
    facts.type === type &&
    facts.unique === (unique ?? facts.unique) &&
    (type !== 'file' || facts.size === size)
  )
}
