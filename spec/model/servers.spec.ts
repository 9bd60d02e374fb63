import t from 'tap'
import * as fsPromises from 'node:fs/promises'
import { open } from '../real/vfs-on.js'
import { forServers } from '../support/for-servers.js'
import type { RealServerName } from '../support/real-servers.js'
import { behavesAsNode } from './model.js'

/** Names that a server does not keep, as README has it. */
const refused: Partial<Record<RealServerName, string[]>> = {
  proftpd: ['st*r'],
  'pure-ftpd': ['trail ', 'tab\t', 'back\\slash'],
}

await forServers(t, 'any operations are as on node:fs', async (t, server) => {
  const vfs = open(t, server.url, { connections: 2 })
  const outside = { fs: fsPromises, root: server.root }
  await behavesAsNode(t, { fs: vfs.fs, methods: vfs, root: '/', outside }, refused[server.name])
})
