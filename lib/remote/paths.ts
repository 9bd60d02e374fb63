import { dirname, encodeName, isEncodable, type ByteString, type NameEncoding } from '../wire/names/names.js'

/** The folder of the server that is `/` to the user. */
export interface RootFolder {
  /** The URL's folder: `''`, `a/b` or `/a/b`. */
  folder: ByteString
  /** Whether the folder counts from the server's `/`, not from the login directory. */
  absolute: boolean
}

/** The parts of a path between its slashes; none is empty. */
export function segments(path: ByteString): ByteString[] {
  return path.split('/').filter(name => name !== '')
}

/** The path of a name in a folder. The name is taken as it is. */
export function join(folder: ByteString, name: ByteString): ByteString {
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`
}

/** The folders above a normalised path, the highest first: `/`, `/a`, `/a/b` of `/a/b/c`. */
export function ancestors(path: ByteString): ByteString[] {
  const folders: ByteString[] = []
  for (let at = path; at !== '/' && at !== '';) folders.unshift((at = dirname(at)))
  return folders
}

/** Whether the path can only name a folder: it ends with `/` or `/.`. On a file, Node answers such a path with ENOTDIR. */
export function hasTrailingSlash(path: string | Buffer): boolean {
  return /\/\.?$/.test(typeof path === 'string' ? path : path.subarray(-2).toString('latin1'))
}

/** Surely in normal form, as nearly all paths are; a name that begins with a dot is looked at more closely. */
function isNormal(path: ByteString): boolean {
  return path.startsWith('/') && !path.endsWith('/') && !path.includes('//') && !path.includes('/.')
}

/** Names with `.` and `..` taken away; `..` at the start of all is dropped. */
function normalised(names: ByteString[], above: ByteString[] = []): ByteString[] {
  const kept = [...above]
  for (const name of names) {
    if (name === '..') kept.pop()
    else if (name !== '.') kept.push(name)
  }
  return kept
}

/** A relative path as servers take it for no option, and for no home directory. */
function relative(path: ByteString): ByteString {
  return /^[~ -]/.test(path) ? `./${path}` : path
}

/** From the paths that users give (virtual: `/` is the URL's folder) to the paths that the server knows (remote). */
export class RemotePaths {
  readonly #root: RootFolder
  readonly #encoding: NameEncoding
  /** The remote path of the URL's folder, of the login directory that was asked for last. */
  #found: { login: ByteString; folder: ByteString } | undefined

  constructor(root: RootFolder, encoding: NameEncoding = 'utf8') {
    this.#root = root
    this.#encoding = encoding
  }

  /**
   * The virtual path in its normal form: it begins with `/`, has no `.`, `..`, double or trailing slashes, and `..` does
   * not leave `/`. A relative path counts from `/`. Names are never percent-decoded.
   *
   * The empty path, which names no file (Node: ENOENT), stays empty: it must not become `/`.
   *
   * @throws ERR_INVALID_ARG_VALUE for text that the server's encoding cannot hold
   */
  virtual(path: string | Buffer): ByteString {
    if (path.length === 0) return ''
    // What is sent in place of such a character would name another file.
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
   * @param loginDirectory what PWD said at login; it is where the URL's folder begins, unless that is absolute.
   *   Empty: the server does not tell, and the path is relative to it
   * @throws TypeError for the empty path: it would name the whole root
   */
  remote(virtual: ByteString, loginDirectory: ByteString): ByteString {
    if (!virtual.startsWith('/')) throw new TypeError(`'${virtual}' is not a normalised path`)
    const root = this.#rootFolder(loginDirectory)
    if (virtual !== '/')
      return root === '' ? relative(virtual.slice(1)) : (root === '/' ? '' : root) + virtual
    // `C:` alone would be wherever that drive was left.
    return /^[a-z]:$/i.test(root) ? `${root}/` : root
  }

  #rootFolder(login: ByteString): ByteString {
    if (this.#found?.login !== login) this.#found = { login, folder: this.#findRoot(login) }
    return this.#found.folder
  }

  /** `..` in the URL's folder is the user's wish and may lead above the login directory. */
  #findRoot(loginDirectory: ByteString): ByteString {
    const names = segments(this.#root.folder)
    if (this.#root.absolute) return `/${normalised(names).join('/')}`
    if (loginDirectory === '') return relative(normalised(names).join('/'))
    // Servers on Windows may name a drive (`C:/ftp`): only what begins with a slash is made to begin with one.
    const start = loginDirectory.startsWith('/') ? '/' : ''
    return start + normalised(names, segments(loginDirectory)).join('/') || '/'
  }
}
