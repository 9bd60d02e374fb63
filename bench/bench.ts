import { main } from './program.js'

// What was started ends with this process, but what was built is removed by it. Ctrl-C may come twice: from the terminal,
// and from the loader.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
process.exitCode = await main(process.argv.slice(2), process)
