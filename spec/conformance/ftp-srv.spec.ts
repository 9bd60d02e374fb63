import * as fsPromises from 'node:fs/promises'
import t from 'tap'
import { FtpVfs } from '../../lib/index.js'
import { startPlainFtpSrv } from '../support/plain-ftp-srv.js'
import { ftpVfsDepartures } from './ftp-vfs-departures.js'
import { withoutSymlink } from './link-departures.js'
import { conformance } from './suite.js'
import { because, type FsUnderTest } from './target.js'

// ftp-srv 4.6.3 as npm has it, beside the corrected one of embedded.spec.ts.
const { url, root } = await startPlainFtpSrv(t)
const vfs = new FtpVfs(url, { connections: 2 })
await vfs.mkdir('/base')

const showsNoLinks = because(
  'ftp-srv 4.6.3 shows what links lead to, and leaves out those that lead nowhere',
  'cp: a link at the target is replaced, and what is behind it is kept',
  'cp: a link to a folder at the target is replaced as well',
  'cp: a link to nothing at the target is replaced as well',
  'cp: a link over a link to a file',
  'cp: a link over a link to a folder',
  'cp: a link over a link to nothing',
  'cp: a link becomes one that leads to the same place',
  'cp: verbatimSymlinks: a relative link leads to what is in the copy',
  'cp: a link to a folder over one that holds it is ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY',
  'cp: into itself is ERR_FS_CP_EINVAL, by a link too',
  'cp: onto itself by a link above is ERR_FS_CP_EINVAL, and keeps the file',
  'lstat: sees a link',
  'lstat: sees a link that leads nowhere',
  'readdir: a link is listed as a link, and recursive with withFileTypes does not follow it',
  'readdir: a link that leads nowhere is listed',
  'readdir: recursive with withFileTypes ends where links lead in a circle',
  'readlink: encoding buffer gives a Buffer',
  'readlink: of a link to a folder that holds a link of its name',
  'readlink: of links that lead to a file, a folder, and nowhere',
  'realpath: of a link to a file is where it leads',
  'realpath: of a link to a folder is where it leads',
  'rm: recursive never descends through a link out of the tree',
  'rm: recursive removes links that lead nowhere',
  'rm: removes a link and keeps what is behind it',
  'rm: removes a link that leads nowhere, with force too',
  'rmdir: a link to a folder is ENOTDIR and stays',
  'unlink: removes a link and keeps what is behind it',
  'slashes: unlink of a link to a folder by such a path is ENOTDIR',
)

const notKept = [
  ...['"q"', '"', 'a\\b', '\\'].map(name => JSON.stringify(name)),
  'café in latin1',
  'a lone continuation byte',
  'bytes FE and FF',
  'FF FF, doubled',
  'a cut character',
]

await conformance(t, {
  name: 'FtpVfs on unpatched ftp-srv',
  fs: vfs as unknown as FsUnderTest,
  outside: { fs: fsPromises, root },
  base: '/base',
  ftp: true,
  // The server is in this process.
  permissionsIgnored: process.getuid?.() === 0 ? 'the tests run as root' : undefined,
  departures: {
    ...ftpVfsDepartures,
    ...withoutSymlink,
    ...showsNoLinks,
    ...because(
      {
        reason: 'ftp-srv 4.6.3 shows what links lead to: nothing tells the copy from its source',
        skip: true,
      },
      'cp: dereference: into itself by a link to it is ERR_FS_CP_EINVAL, onto itself too',
    ),
    ...because(
      { reason: 'ftp-srv 4.6.3 takes `"` out of paths, `\\` for `/`, and is told UTF-8', code: 'EINVAL' },
      ...notKept.flatMap(name => [`names: a file ${name}`, `names: a folder ${name}`]),
      'names: two files: quotes and none',
    ),
    ...because(
      {
        reason: 'but in RETR, SIZE and STOR ftp-srv 4.6.3 takes words like `-b` out of paths',
        code: 'EINVAL',
      },
      'names: a file "x -la"',
      'names: a folder "x -la"',
      'names: two files: an option and none',
    ),
    ...because(
      'ftp-srv 4.6.3 has no MFMT',
      'FileHandle: chmod and utimes outlive what was written before',
      'FileHandle: a file goes on being written behind utimes',
      'cp: preserveTimestamps keeps the times of files',
      'errors: utimes of a missing path is ENOENT of utime',
      'lutimes: sets the time of a link',
      'lutimes: sets the time of what is no link',
      'utimes: a file on the way is ENOTDIR',
      'utimes: a missing file is ENOENT and makes nothing',
      'utimes: a summer and a winter day keep their hour',
      'utimes: changes neither the bytes nor the size',
      'utimes: sets mtime to a second in the past',
      'utimes: takes seconds since 1970, as a number and as a string',
    ),
  },
})

await vfs.close()
