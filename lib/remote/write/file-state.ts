import { isUnknownCommand, replyText, type Reply } from '../../wire/reply/replies.js'

/** A file as the server has reported it. */
export interface ToldFile {
  readonly size: number
  /** The text of MDTM. Undefined if the server does not report it. */
  readonly time?: string | undefined
}

/**
 * The state of a path: a file, `missing`, or `unknown` if the server did not report it or was not
 * asked. `refused`: the words in which SIZE was refused say neither that the file is missing nor
 * that its size is withheld.
 */
export type FileState = ToldFile | 'missing' | 'refused' | 'unknown'

const denied = /permission|denied|not allowed|not permitted|prohibited|forbidden/i

// The last three: vsftpd 3.0.3, Pure-FTPd 1.0.50, pyftpdlib 1.5.7.
const absent =
  /no such file|not found|cannot find|not exist|doesn't exist|ENOENT|could not get file size|can't check for file existence|is not retrievable/i

/** The state that the replies to SIZE and MDTM report. */
export function stateIn([size, time]: readonly Reply[]): FileState {
  if (!size) return 'unknown'
  const text = replyText(size)
  const modified = time?.code === 213 ? replyText(time) : undefined
  if (size.code === 213 && /^\d+$/.test(text)) return { size: Number(text), time: modified }
  if (size.code < 500 || isUnknownCommand(size) || denied.test(text)) return 'unknown'
  if (absent.test(text)) return 'missing'
  // A path with a modification time exists.
  return modified === undefined ? 'refused' : 'unknown'
}

/**
 * The meaning of a SIZE that was refused before. If SIZE reports the file now, nothing was there
 * then. If it does not, the refusal means nothing.
 */
export function resolved(before: FileState, toldBySize: boolean): FileState {
  return before === 'refused' ? (toldBySize ? 'missing' : 'unknown') : before
}

/** The size of the file, if the file exists and its size is known. */
export function sizeIn(state: FileState): number | undefined {
  return typeof state === 'string' ? undefined : state.size
}

/** Whether no sign shows that the file has changed in between. */
export function isUnchanged(before: FileState, now: FileState): boolean {
  if (typeof before === 'string' || typeof now === 'string') return before === now && before === 'missing'
  return before.size === now.size && !hasMoved(before, now)
}

/** Whether the modification time has changed. False if one of the two is unknown. */
export function hasMoved(before: ToldFile, now: ToldFile): boolean {
  return before.time !== undefined && now.time !== undefined && before.time !== now.time
}
