import { invalidArgType } from '../node/node-errors.js'

export type Callback = (error: unknown, ...results: unknown[]) => void

/** The arguments and results of a function of Node's callback API. */
export interface CallbackShape {
  /**
   * The positions of the callback, counted from 0: after the required arguments, and after all
   * arguments.
   */
  readonly callbackAt: readonly [min: number, max: number]
  /**
   * The arguments of the callback after the error, which is null. Default: the result, unless
   * undefined.
   */
  readonly results?: (result: never) => unknown[]
  /** Whether the callback is optional. */
  readonly optional?: boolean
}

const theResult = (result: unknown): unknown[] => (result === undefined ? [] : [result])

/**
 * Makes a function of Node's callback API from a function that returns a promise. An error of an
 * argument, which that function throws at once, is thrown here, too. Every other outcome goes to
 * the callback, once and in a later turn, so that an exception of the callback is not a rejection.
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

/**
 * Whether it is an error of Node or the language. A closed FtpVfs and an empty path go to the
 * callback.
 */
function isAboutArguments(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === undefined || /^ERR_(?!FTP_)/.test(code)
}

/** Names a function: code prints and compares the names of functions. */
export function named<F extends (...given: never[]) => unknown>(work: F, name: string): F {
  return Object.defineProperty(work, 'name', { value: name })
}

/** The default callback: it throws an error as an uncaught exception, as Node's `fs.close` does. */
function throwing(error: unknown): void {
  if (error) throw error as Error
}
