import { systemError } from './node-errors.js'

/** Above every number that a process has, so that a file of this machine is never taken for one of the server. */
const first = 2 ** 30

const last = 2 ** 31 - 1

/** The files that are open in one FtpVfs, by their numbers. */
export class Descriptors<T> {
  readonly #open = new Map<number, T>()
  #next = first

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  /** A number that no open file has. */
  add(file: T): number {
    while (this.#open.has(this.#next)) this.#next = following(this.#next)
    const fd = this.#next
    this.#next = following(fd)
    this.#open.set(fd, file)
    return fd
  }

  /** The open file of this number. Throws EBADF. */
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
