import assert from 'node:assert/strict'

/** The properties of Node's system errors, all of which may be missing. */
export interface FsError extends Error {
  code?: string
  errno?: number
  syscall?: string
  path?: string
  dest?: string
}

/** The error a promise rejects with; a promise that resolves fails the case. */
export async function rejection(promise: Promise<unknown>): Promise<FsError> {
  try {
    await promise
  } catch (error) {
    assert.ok(error instanceof Error, 'rejected with something that is not an Error')
    return error
  }
  assert.fail('resolved, where a rejection was expected')
}

/** Asserts that a promise rejects with this code, and returns the error. */
export async function rejects(promise: Promise<unknown>, code: string): Promise<FsError> {
  const error = await rejection(promise)
  hasCode(error, code)
  return error
}

export function hasCode(error: FsError, code: string): void {
  if (error.code === code) return
  const wrong = new assert.AssertionError({
    message: `expected ${code}, got ${error.code ?? error.name}: ${error.message}`,
    actual: error.code,
    expected: code,
    operator: 'code',
  })
  wrong.cause = error
  throw wrong
}

/** The codes of an error and of its causes: what a departure's `code` is looked for in. */
export function codesOf(error: unknown): string[] {
  const codes: string[] = []
  for (let e = error as FsError | undefined; e instanceof Error; e = e.cause as FsError | undefined) {
    if (e.code !== undefined) codes.push(e.code)
  }
  return codes
}

/** Asserts that an operation was aborted, as Node says it. */
export function isAborted(error: FsError): void {
  hasCode(error, 'ABORT_ERR')
  assert.equal(error.name, 'AbortError')
}
