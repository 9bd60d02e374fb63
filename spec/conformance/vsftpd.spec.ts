import { withoutSymlink } from './link-departures.js'
import { onRealServer } from './real-server.js'
import { because } from './target.js'

await onRealServer('vsftpd', {
  ...withoutSymlink,
  ...because(
    'vsftpd 3.0.3 lists a folder it may not read as an empty one',
    'permissions: listing an unreadable folder is EACCES',
  ),
})
