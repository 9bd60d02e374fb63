import { deepEqual, equal, rejects } from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { promisify } from 'node:util'
import { everywhere, type Rows, type Stage, holds } from './row.js'

/** Does something with a descriptor of the file, and closes it. */
async function opened<T>(
  { fs, file }: Stage,
  flags: string,
  work: (fd: number) => Promise<T> | T,
): Promise<T> {
  const fd = await promisify(fs.open)(file, flags)
  try {
    return await work(fd)
  } finally {
    await promisify(fs.close)(fd)
  }
}

const content = ({ fs, file }: Stage): Promise<string> => fs.promises.readFile(file, 'utf8')
const asHandle = 'as that of FileHandle'
const polling =
  'by polling: FTP tells nobody of changes, and what comes and goes between two looks is not seen'

/** What `fs` has and `fs.promises` has not, or not in this way; without classes, constants and Sync names. */
export const functionRows: Rows = {
  close: {
    probe: stage => opened(stage, 'r', fd => holds(fd >= 2 ** 30)),
    differs: 'what was written is stored and checked by it, and its error is that of the upload',
  },
  createReadStream: {
    probe: async ({ fs, file }) => equal(await text(fs.createReadStream(file, { start: 1, end: 3 })), 'yte'),
    differs: 'more options: `parallel`',
  },
  createWriteStream: {
    probe: async ({ fs, none }) => {
      await finished(fs.createWriteStream(none).end('new'))
      equal(await fs.promises.readFile(none, 'utf8'), 'new')
    },
    differs:
      '`finish` means stored and checked; that the folder is missing is told when it sends, at the latest at its end',
  },
  exists: {
    probe: async ({ fs, file, none }) =>
      deepEqual(await Promise.all([file, none].map(path => promisify(fs.exists)(path))), [true, false]),
    differs: 'its callback gets false also where the server cannot be asked',
  },
  fchmod: {
    probe: async stage => {
      await opened(stage, 'r', fd => promisify(stage.fs.fchmod)(fd, 0o640))
      equal((await stage.fs.promises.lstat(stage.file)).mode & 0o777, 0o640)
    },
    differs: asHandle,
  },
  fchown: {
    differs: 'see `unsupportedMetadata` above',
    probe: stage => opened(stage, 'r', fd => promisify(stage.fs.fchown)(fd, 1, 1)),
    lacks: everywhere('FTP has no command for the owner of a file'),
  },
  fdatasync: {
    probe: stage =>
      opened(stage, 'w', async fd => {
        await promisify(stage.fs.write)(fd, 'new')
        await promisify(stage.fs.fdatasync)(fd)
        equal(await content(stage), 'new')
      }),
    differs: 'as `fsync`',
  },
  fstat: {
    probe: stage => opened(stage, 'r', async fd => equal((await promisify(stage.fs.fstat)(fd)).size, 5)),
    differs: 'as `Stats`',
  },
  fsync: {
    probe: stage =>
      opened(stage, 'w', async fd => {
        await promisify(stage.fs.write)(fd, 'new')
        await promisify(stage.fs.fsync)(fd)
        equal(await content(stage), 'new')
      }),
    differs: 'stores what was written, and checks it',
  },
  ftruncate: {
    probe: async stage => {
      await opened(stage, 'r+', fd => promisify(stage.fs.ftruncate)(fd, 2))
      equal(await content(stage), 'by')
    },
    differs: asHandle,
  },
  futimes: {
    probe: async stage => {
      await opened(stage, 'r', fd => promisify(stage.fs.futimes)(fd, 1_000_000_000, 1_000_000_000))
      equal((await stage.fs.promises.stat(stage.file)).mtimeMs, 1e12)
    },
    differs: 'as `utimes`',
  },
  glob: {
    probe: async ({ fs, folder }) => {
      const { glob } = fs as unknown as {
        glob(
          pattern: string,
          options: object,
          callback: (error: Error | null, found?: string[]) => void,
        ): void
      }
      const found = await new Promise((resolve, reject) =>
        glob('*', { cwd: folder }, (error, found) => (error ? reject(error) : resolve(found))),
      )
      deepEqual(found, ['inner'])
    },
    since: '22',
    differs: 'also on Node 20; `cwd` is `/` by default',
  },
  open: {
    probe: stage => opened(stage, 'r', () => {}),
    differs: 'descriptors begin at 2^30, so that none is ever one of the process; else as `fs.promises.open`',
  },
  openAsBlob: {
    probe: async ({ fs, file }) => equal(await (await fs.openAsBlob(file)).slice(1).text(), 'ytes'),
    differs:
      'not for FormData, `new Blob([blob])`, `new File([blob], …)` and URL.createObjectURL, which read the internals of ' +
      "Node's: give them `new Blob([await blob.arrayBuffer()])`",
  },
  read: {
    probe: stage =>
      opened(stage, 'r', async fd => {
        const { bytesRead, buffer } = await promisify(stage.fs.read)(fd, Buffer.alloc(3), 0, 3, 1)
        equal(buffer.toString('utf8', 0, bytesRead), 'yte')
      }),
    differs: asHandle,
  },
  readv: {
    probe: stage =>
      opened(stage, 'r', async fd => {
        const buffers = [Buffer.alloc(2), Buffer.alloc(3)]
        equal((await promisify(stage.fs.readv)(fd, buffers, 0)).bytesRead, 5)
        equal(Buffer.concat(buffers).toString(), 'bytes')
      }),
    differs: asHandle,
  },
  unwatchFile: {
    probe: ({ fs, file }) => {
      const listener = (): void => {}
      const watcher = fs.watchFile(file, { interval: 1000 }, listener)
      equal(watcher.listenerCount('change'), 1)
      fs.unwatchFile(file, listener)
      equal(watcher.listenerCount('change'), 0)
    },
  },
  watch: {
    probe: async ({ fs, folder }) => {
      const watcher = fs.watch(folder, { interval: 20 } as object)
      try {
        const change = once(watcher, 'change')
        await fs.promises.writeFile(`${folder}/new`, 'x')
        deepEqual(await change, ['rename', 'new'])
      } finally {
        watcher.close()
      }
    },
    differs: `${polling}; its \`interval\` is an option`,
  },
  watchFile: {
    probe: async ({ fs, file }) => {
      const changed = new Promise<[number, number]>(resolve => {
        // A look may fall into the middle of the append, where only the time has moved.
        fs.watchFile(file, { interval: 20 }, (now, before) => {
          if (now.size !== before.size) resolve([now.size, before.size])
        })
      })
      await fs.promises.appendFile(file, ' more')
      await changed.finally(() => fs.unwatchFile(file))
      deepEqual(await changed, [10, 5])
    },
    differs: polling,
  },
  write: {
    probe: async stage => {
      await opened(stage, 'r+', fd => promisify(stage.fs.write)(fd, Buffer.from('YTE'), 0, 3, 1))
      equal(await content(stage), 'bYTEs')
    },
    differs: asHandle,
  },
  writev: {
    probe: async stage => {
      await opened(stage, 'r+', fd => promisify(stage.fs.writev)(fd, [Buffer.from('B'), Buffer.from('Y')], 0))
      equal(await content(stage), 'BYtes')
    },
    differs: asHandle,
  },
  _toUnixTimestamp: {
    probe: ({ fs }) => (fs as unknown as { _toUnixTimestamp(time: number): void })._toUnixTimestamp(1),
    lacks: everywhere('it is internal to Node'),
  },
}

/** Classes and constants. */
export const otherRows: Rows = {
  Dir: {
    probe: async ({ fs, folder }) => {
      const dir = await fs.promises.opendir(folder)
      holds(dir instanceof fs.Dir)
      await dir.close()
    },
    differs: 'entries come as the server sends them; without `readSync` and `closeSync`',
  },
  Dirent: {
    probe: async ({ fs, folder }) => {
      const [entry] = await fs.promises.readdir(folder, { withFileTypes: true })
      holds(entry instanceof fs.Dirent)
    },
  },
  Stats: {
    probe: async ({ fs, file }) => {
      const stats = await fs.promises.stat(file)
      holds(stats instanceof fs.Stats && stats.atimeMs === stats.mtimeMs && stats.dev === 0)
    },
    differs:
      '`dev` is 0, `ino` a hash; `atime`, `ctime` and `birthtime` equal `mtime`. Without MLST the mode of a ' +
      'file is the usual one (`lstat` asks for more), and the time of a folder is its listed one (to the minute: the end of it), of `/` 0',
  },
  'ReadStream, FileReadStream': {
    probe: async ({ fs, file }) => {
      const stream = new fs.ReadStream(file as never)
      holds(stream instanceof fs.ReadStream && fs.createReadStream(file).destroy() instanceof fs.ReadStream)
      equal(await text(stream), 'bytes')
    },
    differs: 'as `createReadStream`',
  },
  'WriteStream, FileWriteStream': {
    probe: async ({ fs, none }) => {
      const stream = new fs.WriteStream(none as never)
      holds(stream instanceof fs.WriteStream)
      await finished(stream.end('new'))
      equal(await fs.promises.readFile(none, 'utf8'), 'new')
    },
    differs: 'as `createWriteStream`',
  },
  Utf8Stream: {
    probe: ({ fs, file }) => (fs as unknown as { Utf8Stream(path: string): void }).Utf8Stream(file),
    since: '24.6',
    lacks: everywhere('it writes synchronously'),
  },
  'constants, F_OK, R_OK, W_OK, X_OK': {
    probe: ({ fs }) => deepEqual([fs.constants.O_CREAT, (fs as unknown as { R_OK: number }).R_OK], [64, 4]),
    differs: 'those of the machine',
  },
}

export const promiseRows: Rows = {
  constants: { probe: ({ fs }) => equal(fs.promises.constants.R_OK, 4), differs: 'those of the machine' },
  glob: {
    probe: async ({ fs, folder }) => {
      const { glob } = fs.promises as unknown as {
        glob(pattern: string, options: object): AsyncIterable<string>
      }
      const found: string[] = []
      for await (const path of glob('*', { cwd: folder })) found.push(path)
      deepEqual(found, ['inner'])
    },
    since: '22',
    differs: 'also on Node 20; `cwd` is `/` by default; results come as they are found',
  },
  mkdtempDisposable: {
    probe: async ({ fs, none }) => {
      const { mkdtempDisposable } = fs.promises as unknown as {
        mkdtempDisposable(prefix: string): Promise<{ path: string; remove(): Promise<void> }>
      }
      const made = await mkdtempDisposable(none)
      holds((await fs.promises.stat(made.path)).isDirectory())
      await made.remove()
      await rejects(fs.promises.stat(made.path), { code: 'ENOENT' })
    },
    since: '24.4',
    differs: 'also on older ones',
  },
  open: {
    probe: async ({ fs, file }) => {
      await using handle = await fs.promises.open(file)
      equal(await handle.readFile('utf8'), 'bytes')
    },
    differs: 'see FileHandle; the mode is checked, and left to the server; `wx` asks first and makes then',
  },
  watch: {
    probe: async ({ fs, folder }) => {
      const options = { interval: 20 } as object
      const changes = fs.promises.watch(folder, options)[Symbol.asyncIterator]()
      const change = changes.next()
      await fs.promises.writeFile(`${folder}/new`, 'x')
      deepEqual((await change).value, { eventType: 'rename', filename: 'new' })
      await changes.return?.()
    },
    differs: `${polling}; its \`interval\` is an option`,
  },
}
