import { withoutSymlink } from './link-departures.js'
import { onRealServer } from './real-server.js'
import { because } from './target.js'

const notUtf8 = [
  'café in latin1',
  'a lone continuation byte',
  'bytes FE and FF',
  'FF FF, doubled',
  'a cut character',
]

await onRealServer('pyftpdlib', {
  ...withoutSymlink,
  ...because(
    { reason: 'pyftpdlib 1.5.7 keeps its names in UTF-8', code: 'EINVAL' },
    ...notUtf8.flatMap(name => [`names: a file ${name}`, `names: a folder ${name}`]),
  ),
  ...because(
    'MLSD and MLST of pyftpdlib 1.5.7 show what a link leads to, not the link',
    'cp: a link at the target is replaced, and what is behind it is kept',
    'cp: a link to a folder at the target is replaced as well',
    'cp: a link over a link to a file',
    'cp: a link over a link to a folder',
    'cp: a link over a link to nothing',
    'cp: a link to a folder over one that holds it is ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY',
    'lstat: sees a link',
    'lutimes: keeps the time of what is behind a link',
    'readdir: a link is listed as a link, and recursive with withFileTypes does not follow it',
    'rm: removes a link and keeps what is behind it',
    'slashes: unlink of a link to a folder by such a path is ENOTDIR',
  ),
  ...because(
    'MLSD of pyftpdlib 1.5.7 leaves out links that lead nowhere',
    'readdir: a link that leads nowhere is listed',
  ),
})
