import { systemError } from './node-errors.js'

/**
 * Larger than all descriptors of a process: no file of this machine has the same number as a file
 * of the server.
 */
const first = 2 ** 30

const last = 2 ** 31 - 1

/** The open files of an FtpVfs, by descriptor. */
export class Descriptors<T> {
  readonly #open = new Map<number, T>()
  #next = first

  /** The number of open files. */
  get size(): number {
    return this.#open.size
  }

  /** Assigns an unused descriptor to the file. */
  add(file: T): number {
    while (this.#open.has(this.#next)) this.#next = following(this.#next)
    const fd = this.#next
    this.#next = following(fd)
    this.#open.set(fd, file)
    return fd
  }

  /** The open file with this descriptor. Throws EBADF. */
  get(fd: number, syscall: string): T {
    const file = this.#open.get(fd)
    if (file === undefined) throw systemError({ code: 'EBADF', syscall })
    return file
  }

  delete(fd: number): void {
    this.#open.delete(fd)
  }
}

const following = (fd: number): number => (fd === last ? first : fd + 1)
