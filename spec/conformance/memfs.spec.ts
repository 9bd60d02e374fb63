import { createFsFromVolume, Volume } from 'memfs'
import t from 'tap'
import { memfsDepartures } from './memfs-departures.js'
import { conformance } from './suite.js'
import type { FsUnderTest, Outside } from './target.js'

const memfs = createFsFromVolume(Volume.fromJSON({ '/base': null }))

await conformance(t, {
  name: 'memfs',
  // memfs has types of its own.
  fs: Object.assign(Object.create(memfs.promises), {
    createReadStream: memfs.createReadStream.bind(memfs),
    createWriteStream: memfs.createWriteStream.bind(memfs),
  }) as FsUnderTest,
  outside: { fs: memfs.promises as unknown as Outside['fs'], root: '' },
  base: '/base',
  departures: memfsDepartures,
})
