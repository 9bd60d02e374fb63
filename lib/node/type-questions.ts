/** What an entry of a directory is; `other` stands for all that is neither file, directory nor symbolic link. */
export type EntryType = 'file' | 'directory' | 'link' | 'other'

/** Tells what it is. A symbol, so that nothing is added to what users see of Node's classes. */
export const kType = Symbol('type')

/**
 * The methods by which fs tells the types of files apart.
 *
 * `other` is none of them: FTP has no word for sockets, devices and pipes.
 */
export interface TypeQuestions {
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
  isBlockDevice(): boolean
  isCharacterDevice(): boolean
  isFIFO(): boolean
  isSocket(): boolean
}

/**
 * A base with the questions about types, for a class that says its type.
 *
 * @param like a class of Node's, so that `instanceof` holds: extending it would call its constructor, and that of fs.Stats
 *   is deprecated (DEP0180)
 */
export function typeQuestions(like: { prototype: unknown }): abstract new () => TypeQuestions {
  abstract class Asked implements TypeQuestions {
    abstract get [kType](): EntryType

    isFile(): boolean {
      return this[kType] === 'file'
    }

    isDirectory(): boolean {
      return this[kType] === 'directory'
    }

    isSymbolicLink(): boolean {
      return this[kType] === 'link'
    }

    isBlockDevice(): boolean {
      return false
    }

    isCharacterDevice(): boolean {
      return false
    }

    isFIFO(): boolean {
      return false
    }

    isSocket(): boolean {
      return false
    }
  }
  Object.setPrototypeOf(Asked.prototype, like.prototype as object)
  return Asked
}
