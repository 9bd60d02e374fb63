import type { Reply } from '../wire/reply/replies.js'
import { RefusedError } from './refused.js'

/** FTP, or this server, has no command for it (ENOTSUP): it would be refused for any file. */
export class LackingError extends RefusedError {
  constructor(detail: string, reply?: Reply) {
    super('ENOTSUP', reply, detail)
  }
}

/** The server has no such command. */
export function lacking(command: string, reply?: Reply): LackingError {
  return new LackingError(`the server has no ${command}`, reply)
}

/** ProFTPD 1.3.8 has SITE CHGRP for the group, and no server known has anything for the owner. */
export function noOwners(): LackingError {
  return new LackingError('FTP has no command for the owner of a file')
}
