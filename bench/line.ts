import { answer } from './child.js'
import { startDelayProxy, type DelayProxyOptions } from './support/delay-proxy.js'

/** Child process: a delay proxy; answers with its port. */
answer(async (options: DelayProxyOptions) => (await startDelayProxy(options)).port)
