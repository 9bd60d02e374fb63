import { because, type Departure } from './target.js'

/** Of a server that makes no links. */
export const withoutSymlink: Record<string, Departure> = because(
  { reason: 'the server has no SITE SYMLINK', code: 'ENOTSUP' },
  'cp: a link over a link to a file',
  'cp: a link over a link to a folder',
  'cp: a link over a link to nothing',
  'cp: a link becomes one that leads to the same place',
  'cp: verbatimSymlinks: a relative link leads to what is in the copy',
  'symlink: a link to a file, by its absolute path',
  'symlink: a link to a folder',
  'symlink: a relative target counts from the folder of the link',
  'symlink: a relative target stays relative',
  'symlink: a link to nothing',
  'symlink: names with spaces',
  'symlink: what is there is EEXIST, and stays',
  'symlink: a missing folder is ENOENT, a file on the way ENOTDIR',
)

/** Of SITE SYMLINK, as mod_site_misc of ProFTPD 1.3.8 has it. */
export const siteSymlink: Record<string, Departure> = {
  ...because('SITE SYMLINK makes each target an absolute path', 'symlink: a relative target stays relative'),
  ...because(
    { reason: 'SITE SYMLINK makes no link to what does not exist', code: 'ENOTSUP' },
    'symlink: a link to nothing',
  ),
}
