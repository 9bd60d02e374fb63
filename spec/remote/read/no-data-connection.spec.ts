import { pipeline } from 'node:stream/promises'
import t from 'tap'
import type { FtpVfs } from '../../../lib/index.js'
import { failureOf, scriptedVfs } from '../scripted-vfs.js'
import type { Script } from '../../support/scripted-server.js'

// 425: the server cannot open the data connection (RFC 959). The error says so for every transfer.

const collect = async (stream: AsyncIterable<unknown>): Promise<void> => {
  for await (const chunk of stream) t.fail(`${String(chunk)} came`)
}

const ways: Record<string, (vfs: FtpVfs) => Promise<unknown>> = {
  readFile: vfs => vfs.readFile('/f'),
  createReadStream: vfs => collect(vfs.createReadStream('/f')),
  readdir: vfs => vfs.readdir('/'),
  opendir: async vfs => collect(await vfs.opendir('/')),
  writeFile: vfs => vfs.writeFile('/new', 'x'),
  appendFile: vfs => vfs.appendFile('/new', 'x'),
  createWriteStream: vfs => pipeline(['x'], vfs.createWriteStream('/new')),
  copyFile: vfs => vfs.copyFile('/f', '/new'),
}
const verbs = ['RETR', 'LIST', 'MLSD', 'STOR', 'APPE']

for (const begins of [false, true]) {
  const on: Script['on'] = Object.fromEntries(
    verbs.map(verb => [
      verb,
      ctx => {
        if (begins) ctx.reply('150 Opening data connection')
        ctx.reply('425 No route to you')
      },
    ]),
  )
  for (const [way, run] of Object.entries(ways)) {
    void t.test(`${way}: 425${begins ? ' behind 150' : ''} to each attempt`, async t => {
      const { vfs } = await scriptedVfs(t, { files: { '/f': 'content' }, on })
      const error = await failureOf(run(vfs))
      t.match(error, { code: 'ERR_FTP_DATA_CONNECTION', attempts: 3, cause: { code: 425 } })
      t.match(error.message, /425 No route to you.*\(tried 3 times\)/)
    })
  }
}
