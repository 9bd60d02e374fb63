import { withoutSymlink } from './link-departures.js'
import { onRealServer } from './real-server.js'
import { because } from './target.js'

const file = (title: string): string => `names: a file ${title}`
const folder = (title: string): string => `names: a folder ${title}`

const rewritten = ['"trailing "', '" both "', '" "', String.raw`"tab\there"`, String.raw`"\u0001control"`]
const prohibited = [String.raw`"a\\b"`, String.raw`"\\"`]

await onRealServer('pure-ftpd', {
  ...withoutSymlink,
  ...because(
    { reason: 'Pure-FTPd 1.0.50 would store it by another name', code: 'EINVAL' },
    ...rewritten.flatMap(title => [file(title), folder(title)]),
  ),
  ...because(
    { reason: 'Pure-FTPd 1.0.50 prohibits names with a backslash', code: 'EACCES' },
    ...prohibited.flatMap(title => [file(title), folder(title)]),
  ),
  ...because(
    { reason: 'Pure-FTPd 1.0.50 does not store through a link', code: 'ELOOP' },
    'writeFile: through a link, into the file behind it',
  ),
})
