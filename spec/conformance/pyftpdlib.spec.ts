import { onRealServer } from './real-server.js'
import { because } from './target.js'

await onRealServer('pyftpdlib', {
  ...because(
    'MLSD and MLST of pyftpdlib 1.5.7 show what a link leads to, not the link',
    'lstat: sees a link',
    'readdir: a link is listed as a link, and recursive with withFileTypes does not follow it',
    'realpath: of a link to a folder is where it leads',
    'rm: removes a link and keeps what is behind it',
    'rmdir: a link to a folder is ENOTDIR and stays',
  ),
  ...because(
    'MLSD of pyftpdlib 1.5.7 leaves out links that lead nowhere',
    'readdir: a link that leads nowhere is listed',
  ),
})
