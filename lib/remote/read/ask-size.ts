import { command, type ServerFile } from '../../wire/session/command.js'
import { mlstEntry } from '../../wire/listing/mlsd-line.js'
import type { Reply } from '../../wire/reply/replies.js'
import type { Session } from '../../wire/session/session.js'
import { versionIn, type FileVersion } from './file-version.js'

/** What the server reports of a file when it is asked again. */
export interface SizeReport {
  readonly facts: FileVersion
  /** The sizes by SIZE and by MLST, which may differ. */
  readonly sizes: readonly number[]
}

/** Asks for the size again, over a session that the caller holds. */
export async function askSize(session: Session, file: ServerFile): Promise<SizeReport> {
  const asked = [command('SIZE', file), command('MDTM', file)]
  if (session.server.can.mlst.usable) asked.push(command('MLST', file))
  const replies = await session.flight(asked)
  const facts = versionIn(replies)
  const listed = sizeInMlst(replies[2])
  return { facts, sizes: [facts.size, listed].filter(size => size !== undefined) }
}

function sizeInMlst(reply: Reply | undefined): number | undefined {
  const entry = reply && mlstEntry(reply)
  return entry?.type === 'file' ? entry.size : undefined
}
