import { because, type Departure } from './target.js'

/** Where FtpVfs is not as Node on Linux, whatever the server. */
export const ftpVfsDepartures: Record<string, Departure> = {
  ...because(
    { reason: 'a write stream asks the server nothing before it has data', hangs: true },
    'createWriteStream: a missing folder: the error comes before anything is written',
  ),
  ...because(
    { reason: 'FTP has no command for the time of a link', code: 'ENOTSUP' },
    'lutimes: sets the time of a link',
  ),
}
