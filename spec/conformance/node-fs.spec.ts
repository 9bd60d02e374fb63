import { createReadStream, createWriteStream } from 'node:fs'
import * as fsPromises from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { conformance } from './suite.js'

const base = await fsPromises.realpath(await fsPromises.mkdtemp(join(tmpdir(), 'ftp-vfs-conformance-')))
t.teardown(() => fsPromises.rm(base, { recursive: true, force: true }))

await conformance(t, {
  name: 'node:fs',
  fs: { ...fsPromises, createReadStream, createWriteStream },
  outside: { fs: fsPromises, root: '' },
  base,
  permissionsIgnored: process.getuid?.() === 0 ? 'permission bits do not bind root' : undefined,
  departures: {},
})
