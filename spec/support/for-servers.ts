import type { Test } from 'tap'
import { realServerNames, requireServers, serverAvailable, startServer } from './real-servers.js'
import type { RealServer, RealServerName, RealServerOptions } from './real-servers.js'

/** Why tests on a server are skipped here; undefined where they are to run. */
export async function skipReason(server: RealServerName): Promise<string | undefined> {
  if (requireServers()) return undefined
  return process.env['FTP_VFS_SERVERS'] ? serverAvailable(server) : 'runs in npm run test:servers'
}

/**
 * Runs a test once per real server, each with a server of its own. Without FTP_VFS_SERVERS in the environment,
 * and where a server cannot be started, it is skipped with the reason in its name; with
 * FTP_VFS_SERVERS=required a server that is missing is a failure.
 */
export async function forServers(
  t: Test,
  name: string,
  body: (t: Test, server: RealServer) => Promise<void>,
  options: RealServerOptions & { only?: readonly RealServerName[] } = {},
): Promise<void> {
  const { only = realServerNames, ...settings } = options
  for (const server of only) {
    const reason = await skipReason(server)
    if (reason !== undefined) {
      await t.test(`${name} (${server}): ${reason}`, { skip: reason }, () => {})
      continue
    }
    await t.test(`${name} (${server})`, async t => {
      const running = await startServer(server, settings)
      t.teardown(() => running.stop())
      await body(t, running)
    })
  }
}
