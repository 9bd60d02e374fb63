import { deepEqual, equal, rejects } from 'node:assert/strict'
import { once, type EventEmitter } from 'node:events'
import type { promises } from 'node:fs'
import { text } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { everywhere, type Rows, type Stage, holds } from './row.js'

/** The handle that the probe is given: of `file`, opened with `r+`; it is closed afterwards. */
type Handle = [handle: promises.FileHandle]

const content = ({ fs, file }: Stage): Promise<string> => fs.promises.readFile(file, 'utf8')

/** The properties and methods of FileHandle. */
export const fileHandleRows: Rows<Handle> = {
  appendFile: {
    probe: async (stage, handle) => {
      await handle.appendFile('BY')
      await handle.sync()
      equal(await content(stage), 'BYtes')
    },
    differs: 'as `writeFile`',
  },
  chmod: {
    probe: async ({ fs, file }, handle) => {
      await handle.chmod(0o640)
      equal((await fs.promises.lstat(file)).mode & 0o777, 0o640)
    },
    differs: 'stores first what was written',
  },
  chown: {
    differs: 'see `unsupportedMetadata` above',
    probe: (_, handle) => handle.chown(1, 1),
    lacks: everywhere('FTP has no command for the owner of a file'),
  },
  close: {
    probe: async (stage, handle) => {
      await handle.write('BY')
      equal(await content(stage), 'bytes')
      const closed = once(handle as unknown as EventEmitter, 'close')
      await handle.close()
      await closed
      equal(await content(stage), 'BYtes')
    },
    differs: 'what was written is stored and checked by it, and its error is that of the upload',
  },
  createReadStream: {
    probe: async (_, handle) => equal(await text(handle.createReadStream({ start: 1, end: 3 })), 'yte'),
  },
  createWriteStream: {
    probe: async (stage, handle) => {
      await finished(handle.createWriteStream().end('BY'))
      equal(await content(stage), 'BYtes')
    },
    differs: '`finish` means stored and checked',
  },
  datasync: {
    probe: async (stage, handle) => {
      await handle.write('BY')
      await handle.datasync()
      equal(await content(stage), 'BYtes')
    },
    differs: 'as `sync`',
  },
  fd: {
    probe: (_, handle) => holds(handle.fd >= 2 ** 30),
    differs: '2^30 or more, so that it is never one of the process',
  },
  getAsyncId: {
    probe: () => {},
    missing: true,
    differs: 'not there: a handle is no resource of the process',
  },
  read: {
    probe: async (_, handle) => {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(3), 0, 3, 1)
      equal(buffer.toString('utf8', 0, bytesRead), 'yte')
    },
  },
  readFile: { probe: async (_, handle) => equal(await handle.readFile('utf8'), 'bytes') },
  readLines: {
    probe: async (_, handle) => {
      const lines: string[] = []
      for await (const line of handle.readLines()) lines.push(line)
      deepEqual(lines, ['bytes'])
    },
  },
  readableWebStream: {
    probe: async (_, handle) => equal(await text(handle.readableWebStream() as never), 'bytes'),
    differs: 'always a byte stream',
  },
  readv: {
    probe: async (_, handle) => {
      const buffers = [Buffer.alloc(2), Buffer.alloc(3)]
      equal((await handle.readv(buffers, 0)).bytesRead, 5)
      equal(Buffer.concat(buffers).toString(), 'bytes')
    },
  },
  stat: {
    probe: async (_, handle) => {
      await handle.truncate(2)
      equal((await handle.stat()).size, 2)
    },
    differs: 'the size is that which this handle sees; else as `Stats`',
  },
  sync: {
    probe: async (stage, handle) => {
      await handle.write('BY')
      await handle.sync()
      equal(await content(stage), 'BYtes')
    },
    differs: 'stores what was written, and checks it',
  },
  truncate: {
    probe: async (stage, handle) => {
      await handle.truncate(2)
      await handle.sync()
      equal(await content(stage), 'by')
    },
    differs: 'as `write`',
  },
  utimes: {
    probe: async ({ fs, file }, handle) => {
      await handle.utimes(1_000_000_000, 1_000_000_000)
      equal((await fs.promises.stat(file)).mtimeMs, 1e12)
    },
    differs: 'stores first what was written; whole seconds; the time of access is not kept',
  },
  write: {
    probe: async (stage, handle) => {
      await handle.write(Buffer.from('YTE'), 0, 3, 1)
      equal((await handle.read(Buffer.alloc(5), 0, 5, 0)).buffer.toString(), 'bYTEs')
      equal(await content(stage), 'bytes')
      await handle.close()
      equal(await content(stage), 'bYTEs')
    },
    differs: 'others see it once `sync`, `datasync` or `close` has stored it',
  },
  writeFile: {
    probe: async (stage, handle) => {
      await handle.writeFile('BY')
      await handle.close()
      equal(await content(stage), 'BYtes')
    },
    differs: 'as `write`',
  },
  writev: {
    probe: async (stage, handle) => {
      equal((await handle.writev([Buffer.from('B'), Buffer.from('Y')], 0)).bytesWritten, 2)
      await handle.close()
      equal(await content(stage), 'BYtes')
    },
    differs: 'as `write`',
  },
  'Symbol.asyncDispose': {
    probe: async (_, handle) => {
      await handle[Symbol.asyncDispose]()
      equal(handle.fd, -1)
      await rejects(handle.stat(), { code: 'EBADF' })
    },
    differs: 'as `close`',
  },
}
