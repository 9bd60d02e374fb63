import { access } from '../calls/access.js'
import { appendFile } from '../calls/append-file.js'
import type { CallRunner } from '../calls/call-runner.js'
import { chmod, lchmod } from '../calls/chmod.js'
import { chown, lchown } from '../calls/chown.js'
import { copyFile } from '../calls/copy-file.js'
import { cp } from '../calls/cp.js'
import { link } from '../calls/link.js'
import { mkdir } from '../calls/mkdir.js'
import { mkdtemp } from '../calls/mkdtemp.js'
import { opendir } from '../calls/opendir.js'
import { readdir } from '../calls/readdir.js'
import { readFile } from '../calls/read-file.js'
import { readlink } from '../calls/readlink.js'
import { realpath } from '../calls/realpath.js'
import { rename } from '../calls/rename.js'
import { rm } from '../calls/rm.js'
import { rmdir } from '../calls/rmdir.js'
import { lstat, stat } from '../calls/stat.js'
import { statfs } from '../calls/statfs.js'
import { symlink } from '../calls/symlink.js'
import { truncate } from '../calls/truncate.js'
import { unlink } from '../calls/unlink.js'
import { lutimes, utimes } from '../calls/utimes.js'
import { writeFile } from '../calls/write-file.js'
import { booleanArgument, optionsArgument } from '../node/arguments.js'
import { invalidData, isWhole } from '../node/file-data.js'

/** What `fs` and `fs.promises` both have, where the callback may stand among the arguments, and what it is given. */
export interface CallSpec {
  readonly work: (runner: CallRunner, ...given: never[]) => Promise<unknown>
  readonly callbackAt: readonly [min: number, max: number]
  /** What the callback function refuses, and the promise function takes. */
  readonly check?: (...given: unknown[]) => void
}

const call = (work: CallSpec['work'], ...callbackAt: readonly [number, number]): CallSpec => ({
  work,
  callbackAt,
})

/** Data that comes bit by bit is for promises only. */
const whole = (_: unknown, data: unknown): void => {
  if (!isWhole(data)) throw invalidData(data)
}

const checkRecursive = (_: unknown, options: unknown): void => {
  const { recursive } = optionsArgument<{ recursive: unknown }>(options)
  if (recursive !== undefined && recursive !== null) booleanArgument(recursive, 'options.recursive')
}

/** By their names in Node. Source: Node, "File system", callback API and promises API. */
export const pathCalls: Readonly<Record<string, CallSpec>> = {
  access: call(access, 1, 2),
  appendFile: { ...call(appendFile, 2, 3), check: whole },
  chmod: call(chmod, 2, 2),
  chown: call(chown, 3, 3),
  copyFile: call(copyFile, 2, 3),
  cp: call(cp, 2, 3),
  lchmod: call(lchmod, 2, 2),
  lchown: call(lchown, 3, 3),
  link: call(link, 2, 2),
  lstat: call(lstat, 1, 2),
  lutimes: call(lutimes, 3, 3),
  mkdir: call(mkdir, 1, 2),
  mkdtemp: call(mkdtemp, 1, 2),
  opendir: call(opendir, 1, 2),
  readFile: call(readFile, 1, 2),
  readdir: { ...call(readdir, 1, 2), check: checkRecursive },
  readlink: call(readlink, 1, 2),
  realpath: call(realpath, 1, 2),
  rename: call(rename, 2, 2),
  rm: call(rm, 1, 2),
  rmdir: call(rmdir, 1, 2),
  stat: call(stat, 1, 2),
  statfs: call(statfs, 1, 2),
  symlink: call(symlink, 2, 3),
  truncate: call(truncate, 1, 2),
  unlink: call(unlink, 1, 1),
  utimes: call(utimes, 3, 3),
  writeFile: { ...call(writeFile, 2, 3), check: whole },
}
