import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import { mlstEntry } from '../../wire/listing/mlsd-line.js'
import { basename, dirname, type ByteString } from '../../wire/names/names.js'
import { isPositive } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { list } from '../list/list.js'
import type { Remote } from '../remote.js'
import { stateIn, type FileState } from './file-state.js'

/** What a look has seen. `error`: why it could not be told, where that is an error. */
export interface Inspection {
  readonly state: FileState
  /** It was SIZE that told. */
  readonly bySize?: boolean
  readonly error?: Error
}

/**
 * What stands at the path now, by SIZE and MDTM, else MLST, else the folder's listing. A time is
 * that of MDTM alone, so that two of them can be compared. What the server refuses or loses is
 * `unknown`, with the error; it throws when the call is cancelled.
 */
export async function inspectFile(remote: Remote, call: Call, path: ByteString): Promise<Inspection> {
  try {
    const told = await ask(remote, call, {
      key: `file state ${path}`,
      commands: () => [command('SIZE', path), command('MDTM', path)],
      answer: stateIn,
    })
    if (typeof told === 'object') return { state: told, bySize: true }
    const facts = await byMlst(remote, call, path)
    if (typeof facts === 'object') return { state: facts }
    if (told === 'missing' || facts === 'missing') return { state: 'missing' }
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
      const told = mlstEntry(reply!)
      return told?.type === 'file' && told.size !== undefined ? { size: told.size } : 'unknown'
    },
  })
}

/** Of a folder that cannot be read many servers list nothing. */
async function byListing(remote: Remote, call: Call, path: ByteString): Promise<FileState> {
  const entries = await list(remote, call, dirname(path))
  const found = entries.find(({ name }) => name === basename(path))
  if (!found) return entries.length > 0 ? 'missing' : 'unknown'
  return found.type === 'file' && found.size !== undefined ? { size: found.size } : 'unknown'
}
