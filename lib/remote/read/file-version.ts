import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import { FtpError } from '../../wire/ftp-errors.js'
import type { ByteString } from '../../wire/names/names.js'
import { parseSize, replyText, type Reply } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import type { Remote } from '../remote.js'

/** By what a file is known again. */
export interface FileVersion {
  /** Undefined where the server does not tell. */
  readonly size: number | undefined
  /** As MDTM tells it; undefined where it was not asked. */
  readonly modified?: string
}

export function fileChanged(): FtpError {
  return new FtpError('ERR_FTP_FILE_CHANGED', 'The file was changed on the server meanwhile')
}

/** More comes than the file has, or from elsewhere. `came`: up to where. */
export function longRead(came: number, size: number | undefined): FtpError {
  return new FtpError('ERR_FTP_LONG_READ', `${came} bytes came of a file of ${size}`)
}

/** What the replies to SIZE and MDTM say. */
export function versionIn([size, time]: readonly Reply[]): FileVersion {
  return { size: parseSize(size!), modified: time!.code === 213 ? replyText(time!) : '' }
}

/** By what the file at the path is known again. */
export function fileVersion(remote: Remote, call: Call, path: ByteString): Promise<FileVersion> {
  return ask(remote, call, {
    key: `file facts ${path}`,
    commands: () => [command('SIZE', path), command('MDTM', path)],
    answer: versionIn,
  })
}
