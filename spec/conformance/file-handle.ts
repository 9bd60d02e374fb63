import assert from 'node:assert/strict'
import { once, type EventEmitter } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { bytes, MIB } from './bytes.js'
import { casesOf, type Env } from './case.js'
import { rejection, rejects } from './expect.js'

type Handle = Awaited<ReturnType<Env['fs']['open']>>

const text = '0123456789'

/** A file that holds the text, opened; it is closed behind the work. Resolves with what it holds then. */
async function withFile(
  { fs, at, outside, out }: Env,
  flags: string,
  work: (handle: Handle) => Promise<unknown>,
  content: string | Buffer = text,
): Promise<Buffer> {
  await fs.writeFile(at('file'), content)
  const handle = await fs.open(at('file'), flags)
  try {
    await work(handle)
  } finally {
    await handle.close()
  }
  return outside.readFile(out(at('file')))
}

/** So many bytes from a position, or from the current one, as text. */
async function readText(handle: Handle, length: number, position: number | null = null): Promise<string> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await handle.read(buffer, 0, length, position)
  return buffer.toString('utf8', 0, bytesRead)
}

export const fileHandle = casesOf('FileHandle', test => {
  test('read goes on from where it was, to the end', async env => {
    await withFile(env, 'r', async handle => {
      assert.equal(await readText(handle, 4), '0123')
      assert.equal(await readText(handle, 4), '4567')
      assert.equal(await readText(handle, 4), '89')
      assert.equal(await readText(handle, 4), '')
    })
  })

  test('read at a position leaves the current one', async env => {
    await withFile(env, 'r', async handle => {
      assert.equal(await readText(handle, 2), '01')
      assert.equal(await readText(handle, 3, 7), '789')
      assert.equal(await readText(handle, 3, 0), '012')
      assert.equal(await readText(handle, 3, 9), '9')
      assert.equal(await readText(handle, 3, 12), '')
      assert.equal(await readText(handle, 2, -1), '23')
    })
  })

  test('read: a buffer and options, options alone, nothing', async env => {
    await withFile(env, 'r', async handle => {
      const buffer = Buffer.alloc(6, '.')
      const found = await handle.read(buffer, { offset: 1, length: 3, position: 5 })
      assert.equal(found.buffer, buffer)
      assert.deepEqual([found.bytesRead, buffer.toString()], [3, '.567..'])
      assert.equal((await handle.read({ buffer: new Uint16Array(2), offset: 1 })).bytesRead, 3)
      const { bytesRead, buffer: own } = await handle.read()
      assert.deepEqual([bytesRead, own.byteLength, own.toString('utf8', 0, 7)], [7, 16_384, '3456789'])
    })
  })

  test('read checks its arguments', async env => {
    await withFile(env, 'r', async handle => {
      const buffer = Buffer.alloc(4)
      await rejects(handle.read('x' as never), 'ERR_INVALID_ARG_TYPE')
      await rejects(handle.read(buffer, -1), 'ERR_OUT_OF_RANGE')
      await rejects(handle.read(buffer, 0, 5), 'ERR_OUT_OF_RANGE')
      await rejects(handle.read(buffer, 0, -1), 'ERR_OUT_OF_RANGE')
      await rejects(handle.read(Buffer.alloc(0), 0, 1), 'ERR_INVALID_ARG_VALUE')
      assert.equal((await handle.read(Buffer.alloc(0))).bytesRead, 0)
      await rejects(handle.readv('x' as never), 'ERR_INVALID_ARG_TYPE')
    })
  })

  test('readv fills one buffer after the other', async env => {
    await withFile(env, 'r', async handle => {
      const buffers = [Buffer.alloc(3), Buffer.alloc(4)]
      assert.equal((await handle.readv(buffers)).bytesRead, 7)
      assert.deepEqual(buffers.map(String), ['012', '3456'])
      assert.equal((await handle.readv(buffers, 8)).bytesRead, 2)
      assert.equal((await handle.readv(buffers)).bytesRead, 3)
      assert.deepEqual(buffers.map(String), ['789', '3456'])
    })
  })

  test('reads here and there in 2 MiB, and one after the other', async env => {
    const data = bytes(2 * MIB)
    const whole = await withFile(
      env,
      'r',
      async handle => {
        const into = Buffer.alloc(70_000)
        for (const position of [1_500_000, 0, 1_499_990, 700_000]) {
          await handle.read(into, 0, into.length, position)
          assert.ok(into.equals(data.subarray(position, position + into.length)), `at ${position}`)
        }
        for (let at = 0; at < data.length;) {
          const { bytesRead } = await handle.read(into)
          assert.ok(bytesRead > 0)
          assert.ok(into.subarray(0, bytesRead).equals(data.subarray(at, at + bytesRead)), `from ${at} on`)
          at += bytesRead
        }
      },
      data,
    )
    assert.ok(whole.equals(data))
  })

  test('write goes on from where it was', async env => {
    const left = await withFile(env, 'r+', async handle => {
      const { bytesWritten, buffer } = await handle.write('ab')
      assert.deepEqual([bytesWritten, buffer], [2, 'ab'])
      await handle.write(Buffer.from('xcdx'), 1, 2)
      assert.equal(await readText(handle, 2), '45')
      await handle.write(new Uint8Array([101, 102]))
    })
    assert.equal(left.toString(), 'abcd45ef89')
  })

  test('write at a position leaves the current one', async env => {
    const left = await withFile(env, 'r+', async handle => {
      await handle.write('five', 5)
      await handle.write(Buffer.from('xx8'), { offset: 2, position: 9 } as never)
      await handle.write('zero')
    })
    assert.equal(left.toString(), 'zero4five8')
  })

  test('write behind the end fills with zeros', async env => {
    const left = await withFile(env, 'r+', handle => handle.write('end', 13))
    assert.equal(left.toString(), '0123456789\0\0\0end')
  })

  test('write in another encoding, and of nothing', async env => {
    const left = await withFile(env, 'w', async handle => {
      assert.equal((await handle.write('é')).bytesWritten, 2)
      assert.equal((await handle.write('é', null, 'latin1')).bytesWritten, 1)
      assert.equal((await handle.write('6162', null, 'hex')).bytesWritten, 2)
      assert.equal((await handle.write(Buffer.alloc(0))).bytesWritten, 0)
    })
    assert.equal(left.toString('latin1'), 'Ã©éab')
  })

  test('write checks its arguments', async env => {
    const left = await withFile(env, 'r+', async handle => {
      const buffer = Buffer.alloc(4)
      await rejects(handle.write(5 as never), 'ERR_INVALID_ARG_TYPE')
      await rejects(handle.write(buffer, 5), 'ERR_OUT_OF_RANGE')
      await rejects(handle.write(buffer, 2, 3), 'ERR_OUT_OF_RANGE')
      await rejects(handle.write('abc', null, 'hex'), 'ERR_INVALID_ARG_VALUE')
      await rejects(handle.writev([buffer, 'x'] as never), 'ERR_INVALID_ARG_TYPE')
    })
    assert.equal(left.toString(), text)
  })

  test('writev writes one buffer after the other', async env => {
    const left = await withFile(env, 'r+', async handle => {
      const buffers = [Buffer.from('ab'), new Uint8Array([99, 100])]
      const { bytesWritten, buffers: given } = await handle.writev(buffers)
      assert.deepEqual([bytesWritten, given], [4, buffers])
      await handle.writev(buffers, 6)
      await handle.writev([Buffer.from('!')])
      assert.equal((await handle.writev([])).bytesWritten, 0)
    })
    assert.equal(left.toString(), 'abcd!5abcd')
  })

  test('a handle reads what it has written', async env => {
    const left = await withFile(env, 'w+', async handle => {
      await handle.write('hello world')
      assert.equal(await readText(handle, 5, 6), 'world')
      assert.equal((await handle.stat()).size, 11)
      assert.equal(await readText(handle, 5), '')
    })
    assert.equal(left.toString(), 'hello world')
  })

  test('a+ reads from the start and writes at the end, whatever the position', async env => {
    const left = await withFile(env, 'a+', async handle => {
      assert.equal(await readText(handle, 3), '012')
      await handle.write('ab', 1)
      assert.equal(await readText(handle, 3), '345')
      await handle.write('cd')
      assert.equal(await readText(handle, 3), '')
      assert.equal(await readText(handle, 3, 9), '9ab')
    })
    assert.equal(left.toString(), '0123456789abcd')
  })

  test('a part of many bytes is changed, at the start, in the middle, over the end', async env => {
    const data = bytes(300_000)
    const expected = Buffer.concat([data, Buffer.alloc(5000)])
    const left = await withFile(
      env,
      'r+',
      async handle => {
        for (const [position, length] of [
          [150_000, 7000],
          [0, 10],
          [299_000, 6000],
        ] as const) {
          const part = bytes(length, position + 2)
          part.copy(expected, position)
          await handle.write(part, 0, length, position)
        }
      },
      data,
    )
    assert.ok(left.equals(expected))
  })

  test('a part in the middle of many bytes is changed, and nothing else', async env => {
    const data = bytes(300_000)
    const left = await withFile(env, 'r+', handle => handle.write('middle', 150_000), data)
    data.write('middle', 150_000)
    assert.ok(left.equals(data))
  })

  test('truncate cuts, and fills with zeros', async env => {
    const left = await withFile(env, 'r+', async handle => {
      assert.equal(await readText(handle, 6), '012345')
      assert.equal(await handle.truncate(4), undefined)
      assert.equal(await readText(handle, 6), '')
      await handle.write('!')
      await handle.truncate(9)
      assert.equal((await handle.stat()).size, 9)
    })
    assert.equal(left.toString(), '0123\0\0!\0\0')
    assert.equal((await withFile(env, 'r+', handle => handle.truncate())).length, 0)
    assert.equal((await withFile(env, 'r+', handle => handle.truncate(-1))).length, 0)
  })

  test('truncate of a handle that only reads is EINVAL, of no number an error', async env => {
    await withFile(env, 'r', handle => rejects(handle.truncate(1), 'EINVAL'))
    await withFile(env, 'r+', handle => rejects(handle.truncate('1' as never), 'ERR_INVALID_ARG_TYPE'))
  })

  test('readFile and writeFile go on from where it was', async env => {
    const left = await withFile(env, 'r+', async handle => {
      assert.equal(await readText(handle, 7), '0123456')
      assert.equal(await handle.readFile('utf8'), '789')
      assert.deepEqual(await handle.readFile(), Buffer.alloc(0))
      await handle.writeFile('ab')
      await handle.appendFile(Buffer.from('cd'))
      await handle.writeFile(['e', Buffer.from('f')] as never)
    })
    assert.equal(left.toString(), '0123456789abcdef')
  })

  test('writeFile of a handle cuts nothing, and its source may use the handle', async env => {
    const left = await withFile(env, 'r+', async handle => {
      async function* source(): AsyncGenerator<string> {
        yield 'ab'
        await turn()
        yield await readText(handle, 1, 9)
      }
      await handle.writeFile(source() as never)
    })
    assert.equal(left.toString(), 'ab93456789')
  })

  test('readFile and writeFile of the fs take a handle', async env => {
    const { fs } = env
    const left = await withFile(env, 'r+', async handle => {
      await fs.writeFile(handle, 'ab')
      await fs.appendFile(handle, 'cd')
      assert.equal(await fs.readFile(handle, 'utf8'), '456789')
    })
    assert.equal(left.toString(), 'abcd456789')
  })

  test('readFile and writeFile with a signal that is aborted', async env => {
    const signal = AbortSignal.abort()
    const left = await withFile(env, 'r+', async handle => {
      await rejects(handle.readFile({ signal }), 'ABORT_ERR')
      await rejects(handle.writeFile('x', { signal }), 'ABORT_ERR')
    })
    assert.equal(left.toString(), text)
  })

  test('stat: a file, and with bigint', async env => {
    await withFile(env, 'r', async handle => {
      const stats = await handle.stat()
      assert.deepEqual([stats.isFile(), stats.size], [true, 10])
      assert.equal((await handle.stat({ bigint: true })).size, 10n)
    })
  })

  test('chmod and utimes outlive what was written before', async env => {
    const { fs, at } = env
    const time = 1_600_000_000
    await withFile(env, 'r+', async handle => {
      await handle.write('ab')
      assert.equal(await handle.chmod(0o640), undefined)
      assert.equal(await handle.utimes(time, time), undefined)
    })
    const stats = await fs.lstat(at('file'))
    assert.deepEqual([stats.mtimeMs, stats.mode & 0o777], [time * 1000, 0o640])
  })

  test('a file goes on being written behind utimes', async env => {
    const data = bytes(300_000)
    const left = await withFile(
      env,
      'r+',
      async handle => {
        assert.equal((await handle.read(Buffer.alloc(10))).bytesRead, 10)
        await handle.utimes(1_600_000_000, 1_600_000_000)
        await handle.write('middle', 150_000)
        assert.ok((await handle.readFile()).subarray(149_990, 149_996).equals(Buffer.from('middle')))
      },
      data,
    )
    data.write('middle', 150_000)
    assert.ok(left.equals(data))
  })

  test('sync and datasync: all who look then see what was written', async env => {
    const { fs, at, outside, out } = env
    await withFile(env, 'w', async handle => {
      await handle.write('one')
      assert.equal(await handle.sync(), undefined)
      assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'one')
      await handle.write(' two')
      assert.equal(await handle.datasync(), undefined)
      assert.equal(await fs.readFile(at('file'), 'utf8'), 'one two')
    })
  })

  test('several handles of one file: one opened behind the close of another sees what that has written', async env => {
    const { fs, at } = env
    await withFile(env, 'r+', async first => {
      const second = await fs.open(at('file'), 'r+')
      await second.write('cd', 2)
      await second.close()
      await withHandle(fs, at('file'), async third => {
        assert.equal(await third.readFile('utf8'), '01cd456789')
      })
      assert.equal((await first.stat()).size, 10)
      assert.equal(await readText(first, 4), '01cd')
    })
  })

  test('a call behind a close that is not awaited sees what was written', async ({ fs, at }) => {
    const handle = await fs.open(at('file'), 'w')
    await handle.write('x')
    const closed = handle.close()
    const read = fs.readFile(at('file'), 'utf8')
    await closed
    assert.equal(await read, 'x')
  })

  test('reading what is open for writing is EBADF, and the other way round', async env => {
    await withFile(env, 'w', async handle => {
      const error = await rejects(handle.read(Buffer.alloc(1)), 'EBADF')
      assert.deepEqual([error.syscall, error.message], ['read', 'EBADF: bad file descriptor, read'])
      await rejects(handle.readFile(), 'EBADF')
    })
    await withFile(env, 'r', async handle => {
      assert.equal((await rejects(handle.write('x'), 'EBADF')).syscall, 'write')
      await rejects(handle.writev([Buffer.from('x')]), 'EBADF')
      await rejects(handle.writeFile('x'), 'EBADF')
    })
  })

  test('a closed handle: fd is -1, each call is EBADF, and close does nothing', async env => {
    await withFile(env, 'r+', async handle => {
      assert.ok(handle.fd > 0)
      const closed = once(handle as unknown as EventEmitter, 'close')
      assert.equal(await handle.close(), undefined)
      await closed
      assert.equal(handle.fd, -1)
      const calls: [name: string, call: () => Promise<unknown>][] = [
        ['fchmod', () => handle.chmod(0o600)],
        ['fchown', () => handle.chown(0, 0)],
        ['fdatasync', () => handle.datasync()],
        ['fstat', () => handle.stat()],
        ['fsync', () => handle.sync()],
        ['ftruncate', () => handle.truncate()],
        ['futimes', () => handle.utimes(1, 1)],
        ['read', () => handle.read()],
        ['readFile', () => handle.readFile()],
        ['readv', () => handle.readv([])],
        ['write', () => handle.write('x')],
        ['writeFile', () => handle.writeFile('x')],
        ['writev', () => handle.writev([])],
      ]
      for (const [name, call] of calls) {
        const error = await rejects(call(), 'EBADF')
        assert.deepEqual([error.syscall, error.message], [name, 'file closed'])
      }
    })
  })

  test('await using closes', async ({ fs, at, outside, out }) => {
    {
      await using handle = await fs.open(at('file'), 'w')
      await handle.write('x')
    }
    assert.equal(await outside.readFile(out(at('file')), 'utf8'), 'x')
  })

  test('a handle whose file is removed goes on with what it has written', async env => {
    const { fs, at } = env
    await fs.writeFile(at('file'), text)
    const handle = await fs.open(at('file'), 'w+')
    await handle.write('x')
    await fs.unlink(at('file'))
    assert.equal(await readText(handle, 1, 0), 'x')
    await handle.close()
  })

  test('errors of one call leave the handle as it is', async env => {
    await withFile(env, 'r', async handle => {
      await rejection(handle.write('x'))
      assert.equal(await readText(handle, 3), '012')
    })
  })
})

async function withHandle(
  fs: Env['fs'],
  path: string,
  work: (handle: Handle) => Promise<void>,
): Promise<void> {
  const handle = await fs.open(path)
  try {
    await work(handle)
  } finally {
    await handle.close()
  }
}
