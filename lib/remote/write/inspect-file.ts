import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import { mlstEntry } from '../../wire/listing/mlsd-line.js'
import { basename, dirname, type ByteString } from '../../wire/names/names.js'
import { isPositive } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { list } from '../list/list.js'
import type { Remote } from '../remote.js'
import { stateIn, type FileState } from './file-state.js'

/** What an inspection has found. `error`: why the state is unknown, if an error is the cause. */
export interface Inspection {
  readonly state: FileState
  /** SIZE reported the state. */
  readonly bySize?: boolean
  readonly error?: Error
}

/**
 * Finds the present state of the path by SIZE and MDTM, else by MLST, else by the listing of its
 * folder. The time comes from MDTM alone, so that two times can be compared. After a refusal or a
 * loss the state is `unknown`, with the error. Throws only if the call is cancelled.
 */
export async function inspectFile(remote: Remote, call: Call, path: ByteString): Promise<Inspection> {
  try {
    const bySize = await ask(remote, call, {
      key: `file state ${path}`,
      commands: () => [command('SIZE', path), command('MDTM', path)],
      answer: stateIn,
    })
    if (typeof bySize === 'object') return { state: bySize, bySize: true }
    const facts = await byMlst(remote, call, path)
    if (typeof facts === 'object') return { state: facts }
    if (bySize === 'missing' || facts === 'missing') return { state: 'missing' }
    return { state: await byListing(remote, call, path) }
  } catch (error) {
    call.throwIfCancelled()
    return { state: 'unknown', error: error as Error }
  }
}

async function byMlst(remote: Remote, call: Call, path: ByteString): Promise<FileState> {
  if (!remote.pool.server.can.mlst.usable) return 'unknown'
  return ask(remote, call, {
    commands: () => [command('MLST', path)],
    answer: ([reply]) => {
      if (!isPositive(reply!)) return stateIn([reply!]) === 'missing' ? 'missing' : 'unknown'
      const entry = mlstEntry(reply!)
      return entry?.type === 'file' && entry.size !== undefined ? { size: entry.size } : 'unknown'
    },
  })
}

/** An empty listing proves nothing: many servers send one for a folder that cannot be read. */
async function byListing(remote: Remote, call: Call, path: ByteString): Promise<FileState> {
  const entries = await list(remote, call, dirname(path))
  const found = entries.find(({ name }) => name === basename(path))
  if (!found) return entries.length > 0 ? 'missing' : 'unknown'
  return found.type === 'file' && found.size !== undefined ? { size: found.size } : 'unknown'
}
