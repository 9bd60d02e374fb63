/** The type of an entry; `other` is neither file, directory nor symbolic link. */
export type EntryType = 'file' | 'directory' | 'link' | 'other'

/** The key of the type: a symbol, so that users see no additional property of Node's classes. */
export const kType = Symbol('type')

/**
 * The methods by which fs distinguishes the types of files.
 *
 * All are false for `other`: FTP does not distinguish sockets, devices and pipes.
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
 * A base class with these methods, for a class that has a type.
 *
 * @param like a class of Node's, for `instanceof`. The base does not extend it, because that calls
 *   its constructor, and the constructor of fs.Stats is deprecated (DEP0180)
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
