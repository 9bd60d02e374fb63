import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import type { FileAccess } from '../../node/flags.js'
import { OpenFile } from '../open/open-file.js'
import type { Remote } from '../remote.js'

const access: FileAccess = {
  read: false,
  write: true,
  append: false,
  create: false,
  truncate: false,
  exclusive: false,
}

/** Sets the size of a file. FTP has no command for it: the kept part of a longer file is resent. */
export async function truncateFile(
  remote: Remote,
  call: Call,
  path: ByteString,
  size: number,
): Promise<void> {
  const file = await OpenFile.open(remote, call, path, access)
  try {
    await file.truncate(size)
    await file.flush()
  } finally {
    await file.close()
  }
}
