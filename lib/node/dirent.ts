import * as fs from 'node:fs'
import { kType, typeQuestions, type EntryType } from './type-questions.js'

/** An entry of a directory in the form of Node's `fs.Dirent`; also an `instanceof fs.Dirent`. */
export class Dirent<Name extends string | Buffer = string>
  extends typeQuestions(fs.Dirent)
  implements fs.Dirent<Name>
{
  /** The entry's name in its directory. */
  name: Name
  /** The directory as the caller named it. */
  parentPath: string
  readonly #type: EntryType

  constructor(name: Name, parentPath: string, type: EntryType) {
    super()
    this.name = name
    this.parentPath = parentPath
    this.#type = type
  }

  /** @deprecated as in Node (DEP0178): use `parentPath` */
  get path(): string {
    return this.parentPath
  }

  get [kType](): EntryType {
    return this.#type
  }
}
