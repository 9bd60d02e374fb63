import { isUnknownCommand, replyText, type Reply } from '../../wire/reply/replies.js'

/** A file as the server has told it. */
export interface ToldFile {
  readonly size: number
  /** As MDTM tells it; undefined where it does not. */
  readonly time?: string | undefined
}

/**
 * What stands at a path: a file, nothing, or what the server has not told, or was not asked.
 * `refused`: SIZE was refused in words that say neither that nothing is there nor that it is not
 * told.
 */
export type FileState = ToldFile | 'missing' | 'refused' | 'unknown'

const denied = /permission|denied|not allowed|not permitted|prohibited|forbidden/i

// The last three: vsftpd 3.0.3, Pure-FTPd 1.0.50, pyftpdlib 1.5.7.
const absent =
  /no such file|not found|cannot find|not exist|doesn't exist|ENOENT|could not get file size|can't check for file existence|is not retrievable/i

/** What the replies to SIZE and MDTM say. */
export function stateIn([size, time]: readonly Reply[]): FileState {
  if (!size) return 'unknown'
  const text = replyText(size)
  const modified = time?.code === 213 ? replyText(time) : undefined
  if (size.code === 213 && /^\d+$/.test(text)) return { size: Number(text), time: modified }
  if (size.code < 500 || isUnknownCommand(size) || denied.test(text)) return 'unknown'
  if (absent.test(text)) return 'missing'
  // What has a time is there.
  return modified === undefined ? 'refused' : 'unknown'
}

/**
 * What a refusal before meant, where SIZE tells the file now: nothing was there. Where it does not,
 * it tells nothing.
 */
export function resolved(before: FileState, toldBySize: boolean): FileState {
  return before === 'refused' ? (toldBySize ? 'missing' : 'unknown') : before
}

/** The size, where there is a file whose size is known. */
export function sizeIn(state: FileState): number | undefined {
  return typeof state === 'string' ? undefined : state.size
}

/** Whether nothing shows that the file has been touched in between. */
export function isUnchanged(before: FileState, now: FileState): boolean {
  if (typeof before === 'string' || typeof now === 'string') return before === now && before === 'missing'
  return before.size === now.size && !hasMoved(before, now)
}

/** Whether the file has another time, as far as both are known. */
export function hasMoved(before: ToldFile, now: ToldFile): boolean {
  return before.time !== undefined && now.time !== undefined && before.time !== now.time
}
