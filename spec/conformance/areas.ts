import { access } from './access.js'
import { anyOrder } from './any-order.js'
import { appendFile } from './append-file.js'
import type { Case } from './case.js'
import { concurrency } from './concurrency.js'
import { copyFile } from './copy-file.js'
import { copyTree } from './copy-tree.js'
import { errors } from './errors.js'
import { fileHandle } from './file-handle.js'
import { fileHandleStreams } from './file-handle-streams.js'
import { ftpPaths } from './ftp-paths.js'
import { lutimes, readlink, symlink } from './links.js'
import { makeDirectory } from './make-directory.js'
import { names } from './names.js'
import { open } from './open.js'
import { openDirectory } from './open-directory.js'
import { order, orderOfStreams } from './order.js'
import { paths } from './paths.js'
import { permissions } from './permissions.js'
import { readDirectory } from './read-directory.js'
import { readFile } from './read-file.js'
import { readStream } from './read-stream.js'
import { readStreamLife } from './read-stream-life.js'
import { realpath } from './realpath.js'
import { rm, rmdir, unlink } from './remove.js'
import { rename } from './rename.js'
import { slashes } from './slashes.js'
import { lstat, stat } from './stat.js'
import { chmod, utimes } from './times-and-modes.js'
import { truncate } from './truncate.js'
import { writeFile } from './write-file.js'
import { writeStream } from './write-stream.js'
import { writeStreamLife } from './write-stream-life.js'

/** What every fs is asked. */
export const areas: Record<string, Case[]> = {
  FileHandle: [...fileHandle, ...fileHandleStreams],
  access,
  appendFile,
  chmod,
  copyFile,
  cp: copyTree,
  createReadStream: [...readStream, ...readStreamLife],
  createWriteStream: [...writeStream, ...writeStreamLife],
  lstat,
  lutimes,
  mkdir: makeDirectory,
  open,
  opendir: openDirectory,
  readFile,
  readdir: readDirectory,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
  'at once': concurrency,
  errors,
  names,
  paths,
  permissions,
  slashes,
}

/** What only a folder on an FTP server is asked. */
export const ftpAreas: Record<string, Case[]> = {
  'FTP paths': ftpPaths,
  order: [...order, ...orderOfStreams, ...anyOrder],
}
