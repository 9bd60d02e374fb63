import { siteSymlink } from './link-departures.js'
import { onRealServer } from './real-server.js'
import { because } from './target.js'

await onRealServer('proftpd', {
  ...siteSymlink,
  ...because(
    { reason: 'ProFTPD 1.3.8 makes no folder with a * in its name', code: 'EACCES' },
    'names: a folder "[a-z]*"',
    'names: a folder "st*r"',
    'names: a folder "*"',
  ),
  ...because(
    'MLST of ProFTPD 1.3.8 finds no link that leads nowhere',
    'cp: a link to nothing at the target is replaced as well',
    'cp: a link over a link to nothing',
    'lstat: sees a link that leads nowhere',
    'lutimes: sets the time of a link',
  ),
})
