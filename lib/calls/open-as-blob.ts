import { invalidArgType, nodeError } from '../node/node-errors.js'
import { failure } from '../fs/failure.js'
import { BlobSource, RemoteBlob } from '../fs/remote-blob.js'
import type { PathLike } from '../fs/call-path.js'
import { isAscii, notInAscii } from '../remote/ascii.js'
import { fileVersion } from '../remote/read/file-version.js'
import { RefusedError } from '../remote/refused.js'
import { statPath } from '../remote/stat/stat.js'
import type { CallRunner } from './call-runner.js'

/** Options of `openAsBlob`. Source: Node, fs.openAsBlob. */
export interface OpenAsBlobOptions {
  /** The media type, such as `image/png`. Default ''. */
  type?: string | undefined
}

export function openAsBlob(
  runner: CallRunner,
  path: PathLike,
  options: OpenAsBlobOptions = {},
): Promise<RemoteBlob> {
  if (options === null || typeof options !== 'object' || Array.isArray(options))
    throw invalidArgType('options', 'of type object', options)
  const type = options.type || ''
  if (typeof type !== 'string') throw invalidArgType('options.type', 'of type string', type)
  const target = runner.target(path, 'open')
  const { remote, order } = runner
  return runner.run({}, [['read', target.path]], async call => {
    try {
      if (isAscii(remote)) throw notInAscii()
      const asked = [statPath(remote, call, target.path), fileVersion(remote, call, target.path)] as const
      const [info, facts] = await Promise.all(asked)
      if (info.type === 'directory') throw new RefusedError('EISDIR')
      if (target.folder) throw new RefusedError('ENOTDIR')
      const size = facts.size ?? info.size
      if (size === undefined) throw new RefusedError('EINVAL', undefined, 'its size is not known')
      return new RemoteBlob(new BlobSource(remote, order, target.path, facts), size, type)
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error
      const cause = failure(error, 'open', target.given)
      const refused = new TypeError('Unable to open file as blob', { cause })
      throw nodeError(refused, 'ERR_INVALID_ARG_VALUE', openAsBlob)
    }
  })
}
