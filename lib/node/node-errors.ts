import { constants } from 'node:os'
import { getSystemErrorMap, inspect } from 'node:util'

type Caller = (...args: never[]) => unknown

/** A system error as Node's fs throws it. `dest` is there for calls with two paths. */
export interface SystemCallError extends NodeJS.ErrnoException {
  errno: number
  code: string
  syscall: string
  path?: string
  dest?: string
}

/** What a system error says. */
export interface SystemErrorParts {
  /** The error's name, such as `ENOENT`. */
  code: string
  /** The call that failed, such as `open`. */
  syscall: string
  path?: string | undefined
  /** The second path of `rename`, `copyfile`, `link`. */
  dest?: string | undefined
  /** Why it failed: here, what the server answered. */
  cause?: unknown
  /** Added to the message in parentheses. */
  detail?: string | undefined
}

let descriptions: Map<string, { errno: number; text: string }> | undefined

function describe(code: string): { errno: number; text: string } {
  descriptions ??= new Map([...getSystemErrorMap()].map(([errno, [name, text]]) => [name, { errno, text }]))
  return descriptions.get(code) ?? descriptions.get('UNKNOWN')!
}

/**
 * A system error with the message, code and errno that Node gives it:
 * `ENOENT: no such file or directory, open '/x'`.
 *
 * A code that this platform does not know is described as `unknown error`.
 * Source: Node, "Errors", class SystemError; `util.getSystemErrorMap`.
 */
export function systemError(parts: SystemErrorParts): SystemCallError {
  const { code, syscall, path, dest, cause, detail } = parts
  const { errno, text } = describe(code)
  let message = `${code}: ${text}, ${syscall}`
  if (path !== undefined) message += ` '${path}'`
  if (dest !== undefined) message += ` -> '${dest}'`
  if (detail !== undefined) message += ` (${detail})`
  const error = new Error(message, cause === undefined ? undefined : { cause })
  Error.captureStackTrace(error, systemError)
  return Object.assign(
    error,
    { errno, code, syscall },
    path !== undefined && { path },
    dest !== undefined && { dest },
  )
}

/** An error of Node's own kind: the code stands behind the name in the stack and in `toString()`. */
export function nodeError<E extends Error>(error: E, code: string, caller: Caller): E & { code: string } {
  const { name } = error
  const hidden = { configurable: true, writable: true, enumerable: false }
  Object.defineProperty(error, 'name', { ...hidden, value: `${name} [${code}]` })
  Error.captureStackTrace(error, caller)
  // V8 may write the first line of the stack only when it is read.
  void error.stack
  Object.defineProperty(error, 'name', { ...hidden, value: name })
  Object.defineProperty(error, 'toString', {
    ...hidden,
    value(this: Error) {
      return `${this.name} [${code}]: ${this.message}`
    },
  })
  return Object.assign(error, { code })
}

function shortened(value: unknown, limit: number): string {
  const text = inspect(value)
  return text.length > limit ? `${text.slice(0, limit)}...` : text
}

/**
 * An argument has the right type but a value that cannot be used: `ERR_INVALID_ARG_VALUE`.
 *
 * @param reason the end of Node's sentence "The argument 'name' …": `must be positive`
 */
export function invalidArgValue(
  name: string,
  value: unknown,
  reason = 'is invalid',
): TypeError & { code: string } {
  const kind = name.includes('.') ? 'property' : 'argument'
  const message = `The ${kind} '${name}' ${reason}. Received ${shortened(value, 128)}`
  return nodeError(new TypeError(message), 'ERR_INVALID_ARG_VALUE', invalidArgValue)
}

/** The end of Node's sentence about a wrong type: `type number (1)`, `an instance of Date`, `null`. */
function received(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'function') return `function ${value.name}`
  if (typeof value === 'object') {
    const maker = value.constructor as { name?: string } | undefined
    return maker && 'name' in maker ? `an instance of ${maker.name}` : inspect(value, { depth: -1 })
  }
  if (typeof value !== 'string') return `type ${typeof value} (${inspect(value)})`
  const text = value.length > 28 ? `${value.slice(0, 25)}...` : value
  return `type string (${text.includes("'") ? JSON.stringify(text) : `'${text}'`})`
}

/**
 * An argument has the wrong type: `ERR_INVALID_ARG_TYPE`.
 *
 * @param expected the end of Node's sentence "The "name" argument must be …": `of type number`
 */
export function invalidArgType(name: string, expected: string, value: unknown): TypeError & { code: string } {
  const kind = name.includes('.') ? 'property' : 'argument'
  const message = `The "${name}" ${kind} must be ${expected}. Received ${received(value)}`
  return nodeError(new TypeError(message), 'ERR_INVALID_ARG_TYPE', invalidArgType)
}

/** Digits in groups of three, as Node writes big numbers: `9_007_199_254_740_992`. */
function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, '_')
}

/**
 * A number is outside its range: `ERR_OUT_OF_RANGE`.
 *
 * @param range the end of Node's sentence "It must be …": `an integer`, `>= 0 && <= 7`
 */
export function outOfRange(name: string, range: string, value: unknown): RangeError & { code: string } {
  let seen: string
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) > 2 ** 32)
    seen = grouped(String(value))
  else if (typeof value === 'bigint')
    seen = `${value > 2n ** 32n || value < -(2n ** 32n) ? grouped(String(value)) : value}n`
  else seen = inspect(value)
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${seen}`
  return nodeError(new RangeError(message), 'ERR_OUT_OF_RANGE', outOfRange)
}

/** What a call rejects with when its signal aborts: code `ABORT_ERR`, the signal's reason as its cause. */
export class AbortError extends Error {
  readonly code = 'ABORT_ERR'
  override name = 'AbortError'
}

/** The error of an aborted call. Source: Node, "Errors", `ABORT_ERR`. */
export function abortError(signal?: AbortSignal): AbortError {
  const error = new AbortError('The operation was aborted', signal && { cause: signal.reason as unknown })
  Error.captureStackTrace(error, abortError)
  return error
}

/** Details of a `SystemError`. */
export interface SystemErrorInfo {
  code: string
  message: string
  path: string
  syscall: string
  errno: number
}

/** The class of the errors that Node's fs makes itself in the likeness of the system's: `ERR_FS_EISDIR`. */
export class SystemError extends Error {
  // In the order in which Node's own errors list them.
  readonly code: string
  readonly info: SystemErrorInfo
  readonly errno: number
  readonly syscall: string
  readonly path: string

  constructor(summary: string, code: string, info: SystemErrorInfo, cause?: unknown) {
    const message = `${summary}: ${info.syscall} returned ${info.code} (${info.message}) ${info.path}`
    super(message, cause === undefined ? undefined : { cause })
    Object.defineProperty(this, 'name', { value: 'SystemError', writable: true, configurable: true })
    this.code = code
    this.info = info
    this.errno = info.errno
    this.syscall = info.syscall
    this.path = info.path
  }
}

/** Node's own words, and the system's error in whose likeness it is. */
const FS_ERRORS = {
  ERR_FS_CP_DIR_TO_NON_DIR: ['Cannot overwrite non-directory with directory', 'EISDIR'],
  ERR_FS_CP_EEXIST: ['Target already exists', 'EEXIST'],
  ERR_FS_CP_EINVAL: ['Invalid src or dest', 'EINVAL'],
  ERR_FS_CP_NON_DIR_TO_DIR: ['Cannot overwrite directory with non-directory', 'ENOTDIR'],
  ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY: ['Cannot overwrite symlink in subdirectory of self', 'EINVAL'],
  ERR_FS_CP_UNKNOWN: ['Cannot copy an unknown file type', 'EINVAL'],
  ERR_FS_EISDIR: ['Path is a directory', 'EISDIR'],
} as const

/**
 * An error of fs itself, as `rm` throws it for a directory without `recursive`:
 * `Path is a directory: rm returned EISDIR (is a directory) /x`. Source: Node, "Errors", `ERR_FS_EISDIR`,
 * `ERR_FS_CP_…`.
 *
 * @param parts.message what stands in parentheses
 */
export function fsError(
  name: keyof typeof FS_ERRORS,
  parts: { syscall: string; path: string; message?: string; cause?: unknown },
): SystemError {
  const { syscall, path, message = 'is a directory', cause } = parts
  const [summary, code] = FS_ERRORS[name]
  const info = { code, message, path, syscall, errno: constants.errno[code] }
  return nodeError(new SystemError(summary, name, info, cause), name, fsError)
}
