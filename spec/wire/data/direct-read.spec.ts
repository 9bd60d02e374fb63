import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import t, { type Test } from 'tap'
import { DirectRead } from '../../../lib/wire/data/direct-read.js'
import { giveBack, largestSlab, slabFor, smallestSlab, takeSlab } from '../../../lib/wire/data/slabs.js'

/** A connection that is read directly, and its other end. */
async function connected(t: Test) {
  const listener = net.createServer()
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as net.AddressInfo
  const direct = new DirectRead()
  const accepted = once(listener, 'connection') as Promise<[net.Socket]>
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, onread: direct.onread })
  direct.reads(socket)
  const [peer] = await accepted
  peer.on('error', () => {})
  t.teardown(() => {
    socket.destroy()
    peer.destroy()
    listener.close()
  })
  return { socket, peer, direct: DirectRead.of(socket)! }
}

const ended = (socket: net.Socket): Promise<unknown> => once(socket, 'end')

t.test('all bytes arrive in order, whatever the sizes of writes and chunks', async t => {
  const { socket, peer, direct } = await connected(t)
  const content = randomBytes(20 * 2 ** 20)
  const chunks: Buffer[] = []
  direct.begin(chunk => void chunks.push(chunk))
  socket.resume()
  for (let at = 0, size = 1; at < content.length; at += size, size = Math.min(3 * size, 5_000_000)) {
    const written = content.subarray(at, at + size)
    await new Promise(resolve => peer.write(written, resolve))
  }
  peer.end()
  await ended(socket)
  t.ok(content.equals(Buffer.concat(chunks)), 'no chunk has been overwritten')
})

t.test('bytes that arrive before begin wait, and so does the end', async t => {
  const { socket, peer, direct } = await connected(t)
  peer.end('early')
  await new Promise(resolve => setTimeout(resolve, 50))
  let text = ''
  direct.begin(chunk => (text += chunk.toString()))
  socket.resume()
  await ended(socket)
  t.equal(text, 'early')
})

t.test('a paused connection is not read until it is resumed', async t => {
  const { socket, peer, direct } = await connected(t)
  const content = randomBytes(30 * 2 ** 20)
  const chunks: Buffer[] = []
  let paused = 0
  direct.begin(chunk => {
    chunks.push(chunk)
    if (socket.isPaused()) paused += 1
    socket.pause()
    setImmediate(() => socket.resume())
  })
  socket.resume()
  peer.end(content)
  await ended(socket)
  t.ok(content.equals(Buffer.concat(chunks)))
  t.equal(paused, 0, 'nothing arrived in between')

  await t.test('which holds the sender back', async t => {
    const { socket, peer, direct } = await connected(t)
    direct.begin(() => socket.pause())
    socket.resume()
    const sent = new Promise(resolve => peer.write(content, () => resolve('sent')))
    const waited = new Promise(resolve => setTimeout(() => resolve('held back'), 200))
    t.equal(await Promise.race([sent, waited]), 'held back')
  })
})

t.test('a reset is an error', async t => {
  const { socket, peer, direct } = await connected(t)
  direct.begin(() => {})
  socket.resume()
  const failed = once(socket, 'error')
  peer.resetAndDestroy()
  t.match(await failed, [{ code: 'ECONNRESET' }])
})

t.test('any other connection is not read directly', t => {
  t.equal(DirectRead.of(new net.Socket()), undefined)
  t.end()
})

t.test('slabs', async t => {
  await t.test('have lengths that the bytes fill at least half', t => {
    for (const bytes of [1, 4096, smallestSlab, smallestSlab + 1, 100_000, largestSlab, 2 ** 30]) {
      const length = slabFor(bytes)
      t.ok(length >= smallestSlab && length <= largestSlab, `${bytes}`)
      if (bytes > smallestSlab && bytes <= largestSlab)
        t.ok(length >= bytes && length < 2 * bytes, `${bytes}`)
    }
    t.end()
  })

  await t.test('are reused after they are given back, and only they', t => {
    const slab = takeSlab(largestSlab)
    giveBack([slab.subarray(0, 10)])
    const foreign = Buffer.alloc(largestSlab)
    giveBack([foreign])
    t.equal(takeSlab(largestSlab).buffer, slab.buffer)
    t.not(takeSlab(largestSlab).buffer, foreign.buffer)
    t.end()
  })

  await t.test('are kept only up to a limit', t => {
    const slabs = Array.from({ length: 100 }, () => takeSlab(largestSlab))
    giveBack(slabs)
    const memory = new Set(slabs.map(({ buffer }) => buffer))
    const again = Array.from({ length: 100 }, () => takeSlab(largestSlab))
    t.ok(again.filter(({ buffer }) => memory.has(buffer)).length <= 8)
    t.end()
  })
})
