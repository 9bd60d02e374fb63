// A local file system in front of the remote one, by unionfs: what is not found in the first is looked for on the server.
import { Union, type IFS, type IUnionFs } from 'unionfs'
import type { FtpVfs } from 'ftp-vfs'

/**
 * `local`: node:fs, or memfs and its like. unionfs asks first what was added last. It makes streams of local files alone, for
 * it looks by `existsSync` where the file is.
 */
export function inFrontOf({ fs }: FtpVfs, local: IFS): IUnionFs {
  return new Union().use(fs).use(local)
}
