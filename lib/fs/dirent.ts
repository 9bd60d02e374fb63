import * as fs from 'node:fs'

/** What an entry of a directory is; `other` stands for all that is neither file, directory nor symbolic link. */
export type EntryType = 'file' | 'directory' | 'link' | 'other'

const kType = Symbol('type')

/** An entry of a directory in the form of Node's `fs.Dirent`; also an `instanceof fs.Dirent`. */
export class Dirent<Name extends string | Buffer = string> implements fs.Dirent<Name> {
  /** The entry's name in its directory. */
  name: Name
  /** The directory as the caller named it. */
  parentPath: string
  private readonly [kType]: EntryType

  constructor(name: Name, parentPath: string, type: EntryType) {
    this.name = name
    this.parentPath = parentPath
    this[kType] = type
  }

  /** @deprecated as in Node (DEP0178): use `parentPath` */
  get path(): string {
    return this.parentPath
  }

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

Object.setPrototypeOf(Dirent.prototype, fs.Dirent.prototype as object)
