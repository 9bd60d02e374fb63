import { invalidArgType } from '../node/node-errors.js'

export type Callback = (error: unknown, ...results: unknown[]) => void

/** How a function of Node's callback API takes its arguments and gives its result. */
export interface CallbackShape {
  /** Where the callback may stand, counted from 0: behind the arguments that must be given, and behind all. */
  readonly callbackAt: readonly [min: number, max: number]
  /** What the callback gets behind the error, which is null. By default the result, if there is one. */
  readonly results?: (result: never) => unknown[]
  /** A call without a callback is allowed. */
  readonly optional?: boolean
}

const theResult = (result: unknown): unknown[] => (result === undefined ? [] : [result])

/**
 * A function of Node's callback API, made of one that returns a promise. What that throws at once, a bad argument, this
 * throws as well; all else goes to the callback, once and in a later turn, where an error of the callback itself is
 * nobody's rejection.
 */
export function callbackFunction(
  name: string,
  work: (...given: unknown[]) => Promise<unknown>,
  { callbackAt: [min, max], results = theResult, optional = false }: CallbackShape,
): (...given: unknown[]) => void {
  const called = (...given: unknown[]): void => {
    const at = given.findIndex((each, index) => index >= min && typeof each === 'function')
    if (at < 0 && !(optional && given[max] === undefined))
      throw invalidArgType('cb', 'of type function', given[max])
    const callback = at < 0 ? throwing : (given[at] as Callback)
    let working: Promise<unknown>
    try {
      working = work(...given.slice(0, at < 0 ? max : at))
    } catch (error) {
      if (isAboutArguments(error)) throw error
      const reason: Error = error as Error
      working = Promise.reject(reason)
    }
    working.then(
      result => process.nextTick(callback, null, ...results(result as never)),
      (error: unknown) => process.nextTick(callback, error),
    )
  }
  return named(called, name)
}

/** An error of Node's own, or of the language; that the FtpVfs is closed, or the path empty, is for the callback. */
function isAboutArguments(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === undefined || /^ERR_(?!FTP_)/.test(code)
}

/** Code prints and compares the names of functions. */
export function named<F extends (...given: never[]) => unknown>(work: F, name: string): F {
  return Object.defineProperty(work, 'name', { value: name })
}

/** Without a callback an error is thrown where nobody can catch it, as by Node's `fs.close`. */
function throwing(error: unknown): void {
  if (error) throw error as Error
}
