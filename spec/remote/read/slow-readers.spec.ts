import t from 'tap'
import { Call } from '../../../lib/pool/call.js'
import { Reader } from '../../../lib/remote/read/reader.js'
import { startScriptedServer } from '../../support/scripted-server.js'
import { localFolder } from '../../fs/local-folder.js'
import { remoteOn } from '../remote-on.js'
import { bytes, MIB } from '../scripted-vfs.js'

const data = bytes(3 * MIB)
const slab = MIB / 2
const readers = 24
const connections = 4

// Each takes a chunk in turn: all of them are slow, and all but four lack a session.
t.test('many slow readers share the memory, and no file is fetched twice', async t => {
  const local = await localFolder(t)
  const server = await startScriptedServer({ files: { '/f': data } })
  t.teardown(() => server.stop())
  const remote = remoteOn(t, server.url, { connections, memoryLimit: MIB, spoolDirectory: local() })
  const { memory, pool } = remote
  const slow = Array.from({ length: readers }, () => new Reader(remote, new Call(), '/f'))
  const read = slow.map(() => [] as Buffer[])
  let max = 0
  for (let left = true; left;) {
    const chunks = await Promise.all(slow.map(reader => reader.read()))
    max = Math.max(max, memory.used)
    left = chunks.some(chunk => chunk !== undefined)
    for (const [index, chunk] of chunks.entries()) if (chunk) read[index]!.push(Buffer.from(chunk))
  }
  for (const chunks of read) t.ok(data.equals(Buffer.concat(chunks)))
  // Bytes of a session until it stops, with the chunk in use before, and those that each reads now.
  const beyond = 2 * connections * slab + readers * 64 * 1024
  t.ok(max <= MIB + beyond, `${max} bytes were held`)
  t.ok(pool.stats.bytesReceived <= 1.1 * readers * data.length, `${pool.stats.bytesReceived} bytes came`)
  await Promise.all(slow.map(reader => reader.close()))
  t.equal(memory.used, 0)
})
