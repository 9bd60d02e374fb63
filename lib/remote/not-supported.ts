import type { Reply } from '../wire/reply/replies.js'
import { RefusedError } from './refused.js'

/** FTP, or this server, has no command for the operation (ENOTSUP), whatever the file. */
export class NotSupportedError extends RefusedError {
  constructor(detail: string, reply?: Reply) {
    super('ENOTSUP', reply, detail)
  }
}

/** The error for a command that the server lacks. */
export function notSupported(command: string, reply?: Reply): NotSupportedError {
  return new NotSupportedError(`the server has no ${command}`, reply)
}

/** ProFTPD 1.3.8 has SITE CHGRP for the group, but no known server has a command for the owner. */
export function noOwners(): NotSupportedError {
  return new NotSupportedError('FTP has no command for the owner of a file')
}
