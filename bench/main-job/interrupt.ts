const signals = ['SIGINT', 'SIGTERM'] as const
const repeatAfter = 1000

/**
 * Aborts `controller` at the first SIGINT or SIGTERM; returns what takes the listeners away again.
 *
 * One Ctrl-C under `npm start` may come in twice, from the terminal and passed on by npm or tsx. So only another one
 * that is clearly later, when a server does not answer, ends the process.
 */
export function abortAtSignal(controller: AbortController): () => void {
  let first: number | undefined
  const onSignal = () => {
    if (first !== undefined && performance.now() - first > repeatAfter) process.exit(130)
    first ??= performance.now()
    controller.abort()
  }
  for (const signal of signals) process.on(signal, onSignal)
  return () => {
    for (const signal of signals) process.off(signal, onSignal)
  }
}
