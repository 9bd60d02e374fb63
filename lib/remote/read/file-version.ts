import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import { FtpError } from '../../wire/ftp-errors.js'
import type { ByteString } from '../../wire/names/names.js'
import { parseSize, replyText, type Reply } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import type { Remote } from '../remote.js'

/** The size and the time by which a changed file is recognised. */
export interface FileVersion {
  /** In bytes. Undefined if the server does not report it. */
  readonly size: number | undefined
  /** The text of MDTM, empty if the server reports none. Undefined if the server was not asked. */
  readonly modified?: string
}

export function fileChanged(): FtpError {
  return new FtpError('ERR_FTP_FILE_CHANGED', 'The file was changed on the server meanwhile')
}

/** More bytes came than the file has, or bytes from elsewhere. `came`: where they ended. */
export function longRead(came: number, size: number | undefined): FtpError {
  return new FtpError('ERR_FTP_LONG_READ', `${came} bytes came of a file of ${size}`)
}

/** The version that the replies to SIZE and MDTM report. */
export function versionIn([size, time]: readonly Reply[]): FileVersion {
  return { size: parseSize(size!), modified: time!.code === 213 ? replyText(time!) : '' }
}

/** Asks for the version of the file at the path. */
export function fileVersion(remote: Remote, call: Call, path: ByteString): Promise<FileVersion> {
  return ask(remote, call, {
    key: `file facts ${path}`,
    commands: () => [command('SIZE', path), command('MDTM', path)],
    answer: versionIn,
  })
}
