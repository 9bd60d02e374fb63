import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { invalidArgType, invalidArgValue } from './node-errors.js'

/**
 * The path of a local file, as Node's fs takes it on this platform.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE; for a URL as `url.fileURLToPath`
 */
export function localPathArgument(localPath: unknown): string | Buffer {
  const value = localPath instanceof URL ? fileURLToPath(localPath) : localPath
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    throw invalidArgType('localPath', 'of type string or an instance of Buffer or URL', localPath)
  }
  if (typeof value === 'string' ? value.includes('\0') : value.includes(0)) {
    throw invalidArgValue('localPath', localPath, 'must be a string, Uint8Array, or URL without null bytes')
  }
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

/** The folder that a local file is in. */
export function folderOf(localPath: string | Buffer): string | Buffer {
  return mapped(localPath, given => path.dirname(given))
}

/** A new name in the same folder. */
export function besides(localPath: string | Buffer): string | Buffer {
  const name = `.ftp-vfs-${randomBytes(6).toString('hex')}`
  return mapped(localPath, given => path.join(path.dirname(given), name))
}

/** Bytes stay what they are: they need not be UTF-8. */
function mapped(localPath: string | Buffer, map: (path: string) => string): string | Buffer {
  if (typeof localPath === 'string') return map(localPath)
  return Buffer.from(map(localPath.toString('latin1')), 'latin1')
}
