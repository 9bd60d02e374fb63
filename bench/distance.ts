import { startChild } from './child.js'
import type { Login } from './contestants/contestant.js'
import { SlowLink } from './support/slow-link.js'

/** What lies between the clients and a server. */
export interface Distance extends AsyncDisposable {
  /** Where the server is started: in front of its command, and its address. */
  server: { within: readonly string[]; host: string }
  /** In front of each client's command. */
  client: readonly string[]
  /** Where clients log in, to reach the server at its own. */
  login(server: Login): Promise<Login>
  /** From now on so many bytes a second on each connection; 0: no limit. Absent where there can be none. */
  limit?(bytesPerSecond: number): Promise<void>
}

/** What makes a round trip take time: real TCP over a slow link, or a proxy, which needs no rights. */
export type Delay = 'slow link' | 'proxy'

export async function openDistance(rtt: number, delay: Delay): Promise<Distance> {
  if (rtt === 0) return near
  return delay === 'proxy' ? throughProxy(rtt) : overLink(await SlowLink.start(rtt))
}

const near: Distance = {
  server: { within: [], host: '127.0.0.1' },
  client: [],
  login: async server => server,
  async [Symbol.asyncDispose]() {},
}

function throughProxy(rtt: number): Distance {
  const proxy = startChild('line.ts')
  return {
    ...near,
    login: async ({ host, port, ...server }) => ({
      ...server,
      host: '127.0.0.1',
      port: await proxy.ask<number>({ host, port, rtt }),
    }),
    [Symbol.asyncDispose]: () => proxy.stop(),
  }
}

function overLink(link: SlowLink): Distance {
  const { host } = link
  return {
    server: { within: link.server, host },
    client: link.client,
    login: async server => server,
    limit: rate => link.limit(rate),
    [Symbol.asyncDispose]: () => link.stop(),
  }
}
