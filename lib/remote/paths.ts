import { dirname, encodeName, isEncodable, type ByteString, type NameEncoding } from '../wire/names/names.js'

/** The folder on the server that the user sees as `/`. */
export interface RootFolder {
  /** The URL's folder: `''`, `a/b` or `/a/b`. */
  folder: ByteString
  /** Whether the folder is relative to the server's `/`, and not to the login directory. */
  absolute: boolean
}

/** The parts of a path between its slashes; none is empty. */
export function segments(path: ByteString): ByteString[] {
  return path.split('/').filter(name => name !== '')
}

/** The path of a name in a folder. The name is used unchanged. */
export function join(folder: ByteString, name: ByteString): ByteString {
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`
}

/** The folders above a normalised path, the highest first: `/`, `/a`, `/a/b` of `/a/b/c`. */
export function ancestors(path: ByteString): ByteString[] {
  const folders: ByteString[] = []
  for (let at = path; at !== '/' && at !== '';) folders.unshift((at = dirname(at)))
  return folders
}

/**
 * Whether the path can only name a folder, because it ends with `/` or `/.`. For a file, Node
 * answers such a path with ENOTDIR.
 */
export function hasTrailingSlash(path: string | Buffer): boolean {
  return /\/\.?$/.test(typeof path === 'string' ? path : path.subarray(-2).toString('latin1'))
}

/**
 * Whether the path is certainly in normal form, as nearly all are. A name that begins with a dot
 * needs a closer check.
 */
function isNormal(path: ByteString): boolean {
  return path.startsWith('/') && !path.endsWith('/') && !path.includes('//') && !path.includes('/.')
}

/** The names with `.` and `..` resolved. A `..` above the first name is dropped. */
function normalised(names: ByteString[], above: ByteString[] = []): ByteString[] {
  const kept = [...above]
  for (const name of names) {
    if (name === '..') kept.pop()
    else if (name !== '.') kept.push(name)
  }
  return kept
}

/** A relative path that servers take neither for an option nor for a home directory. */
function relative(path: ByteString): ByteString {
  return /^[~ -]/.test(path) ? `./${path}` : path
}

/**
 * Translates the paths that users give (virtual: `/` is the folder of the URL) into those of the
 * server (remote).
 */
export class RemotePaths {
  readonly #root: RootFolder
  readonly #encoding: NameEncoding
  /** The remote path of the URL's folder, for the login directory that was used last. */
  #found: { login: ByteString; folder: ByteString } | undefined

  constructor(root: RootFolder, encoding: NameEncoding = 'utf8') {
    this.#root = root
    this.#encoding = encoding
  }

  /**
   * The virtual path in normal form: it begins with `/`, and has no `.`, `..`, double or trailing
   * slashes. A `..` does not leave `/`, and a relative path starts at `/`. Names are never
   * percent-decoded. The empty path names no file (Node: ENOENT), so it stays empty: it must not
   * become `/`.
   *
   * @throws ERR_INVALID_ARG_VALUE for text that the server's encoding cannot hold
   */
  virtual(path: string | Buffer): ByteString {
    if (path.length === 0) return ''
    // A substitute for such a character would name another file.
    if (typeof path === 'string' && !isEncodable(path, this.#encoding)) {
      const message = `The argument 'path' must hold only characters of ${this.#encoding}, the server's encoding. Received '${path}'`
      throw Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' })
    }
    const name = encodeName(path, this.#encoding)
    return isNormal(name) ? name : `/${normalised(segments(name)).join('/')}`
  }

  /**
   * The absolute remote path of a normalised virtual path.
   *
   * @param loginDirectory the reply to PWD at login. The URL's folder starts there, unless it is
   *   absolute. Empty: the server does not report it, and the path is relative to it
   * @throws TypeError for the empty path, which would name the whole root
   */
  remote(virtual: ByteString, loginDirectory: ByteString): ByteString {
    if (!virtual.startsWith('/')) throw new TypeError(`'${virtual}' is not a normalised path`)
    const root = this.#rootFolder(loginDirectory)
    if (virtual !== '/')
      return root === '' ? relative(virtual.slice(1)) : (root === '/' ? '' : root) + virtual
    // `C:` alone means the current directory of that drive.
    return /^[a-z]:$/i.test(root) ? `${root}/` : root
  }

  #rootFolder(login: ByteString): ByteString {
    if (this.#found?.login !== login) this.#found = { login, folder: this.#findRoot(login) }
    return this.#found.folder
  }

  /** A `..` in the URL's folder is intended, and may lead above the login directory. */
  #findRoot(loginDirectory: ByteString): ByteString {
    const names = segments(this.#root.folder)
    if (this.#root.absolute) return `/${normalised(names).join('/')}`
    if (loginDirectory === '') return relative(normalised(names).join('/'))
    // Servers on Windows may name a drive (`C:/ftp`), before which no slash belongs.
    const start = loginDirectory.startsWith('/') ? '/' : ''
    return start + normalised(names, segments(loginDirectory)).join('/') || '/'
  }
}
