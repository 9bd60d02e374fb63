import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'basic-ftp'
import { Volume } from 'memfs'
import t, { type Test } from 'tap'
import { selfSigned } from './certificates.js'
import { startEmbeddedServer, type EmbeddedServer, type EmbeddedServerOptions } from './embedded-server.js'

/** A control connection of bytes: what is written, and the replies as they come. */
class Control {
  #text = ''
  private constructor(
    readonly socket: Socket,
    private readonly server: EmbeddedServer,
  ) {
    socket.on('data', chunk => {
      this.#text += chunk.toString('latin1')
      socket.emit('text')
    })
    socket.on('error', () => {})
  }

  static async open(t: Test, server: EmbeddedServer): Promise<Control> {
    const control = new Control(connect(server.port, server.host), server)
    t.teardown(() => control.socket.destroy())
    return control
  }

  static async login(t: Test, server: EmbeddedServer): Promise<Control> {
    const control = await Control.open(t, server)
    await control.reply()
    await control.ask(`USER ${server.user}`, `PASS ${server.password}`)
    return control
  }

  write(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** The next whole reply. */
  async reply(): Promise<string> {
    for (;;) {
      const [reply] = /^(?:(\d{3})-[^]*?^\1 |\d{3} ).*\r\n/m.exec(this.#text) ?? []
      if (reply !== undefined) {
        this.#text = this.#text.slice(reply.length)
        return reply.trimEnd()
      }
      await once(this.socket, 'text')
    }
  }

  /** Commands in one write, and a reply for each. */
  async ask(...commands: string[]): Promise<string[]> {
    this.write(commands.map(command => `${command}\r\n`).join(''))
    const replies: string[] = []
    while (replies.length < commands.length) replies.push(await this.reply())
    return replies
  }

  /** The codes of the replies only. */
  async codes(...commands: string[]): Promise<number[]> {
    return (await this.ask(...commands)).map(reply => Number(reply.slice(0, 3)))
  }

  async passive(): Promise<Socket> {
    const [reply] = await this.ask('EPSV')
    const data = connect(Number(/\|(\d+)\|/.exec(reply!)![1]), this.server.host)
    data.on('error', () => {})
    await once(data, 'connect')
    return data
  }

  /** A download or a listing: the text and the final reply. */
  async read(...commands: string[]): Promise<{ text: string; reply: string }> {
    const data = await this.passive()
    let text = ''
    data.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
    const closed = once(data, 'close')
    const replies = await this.ask(...commands)
    const last = replies.at(-1)!
    if (!last.startsWith('150')) {
      data.destroy()
      return { text, reply: last }
    }
    const reply = await this.reply()
    await closed
    return { text, reply }
  }

  /** An upload: the final reply. */
  async store(content: string, ...commands: string[]): Promise<string> {
    const data = await this.passive()
    data.end(content, 'latin1')
    const last = (await this.ask(...commands)).at(-1)!
    return last.startsWith('150') ? this.reply() : last
  }
}

async function start(t: Test, options?: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer(options)
  t.teardown(() => server.stop())
  return server
}

const latin1 = (text: string) => Buffer.from(text).toString('latin1')

t.test('an ordinary client uploads, lists, downloads and deletes', async t => {
  const server = await start(t)
  const client = new Client()
  t.teardown(() => client.close())
  const { host, port, user, password } = server
  await client.access({ host, port, user, password })
  server.volume.fromJSON({ '/from.txt': 'hello' })
  await client.uploadFrom(server.fs.createReadStream('/from.txt'), '/to.txt')
  t.equal(server.fs.readFileSync('/to.txt', 'utf8'), 'hello')
  t.strictSame(
    (await client.list('/')).map(file => [file.name, file.size]),
    [
      ['from.txt', 5],
      ['to.txt', 5],
    ],
  )
  await client.downloadTo(server.fs.createWriteStream('/back.txt'), '/to.txt')
  t.equal(server.fs.readFileSync('/back.txt', 'utf8'), 'hello')
  await client.remove('/to.txt')
  t.notOk(server.fs.existsSync('/to.txt'))
})

t.test('servers take ports, users and volumes of their own', async t => {
  const volume = Volume.fromJSON({ '/there': '' })
  await using server = await startEmbeddedServer({ volume, user: 'ä:b', password: 'p@/ss', home: '/home/u' })
  t.not((await start(t)).port, server.port)
  t.equal(new URL(server.url).port, String(server.port))
  t.equal(decodeURIComponent(new URL(server.url).username), 'ä:b')
  t.equal(decodeURIComponent(new URL(server.url).password), 'p@/ss')
  const control = await Control.open(t, server)
  t.match(await control.reply(), /^220 /)
  t.strictSame(await control.codes(`USER ${latin1('ä:b')}`, 'PASS wrong'), [331, 530])
  t.strictSame(await control.codes(`USER ${latin1('ä:b')}`, 'PASS p@/ss'), [331, 230], 'USER once more')
  t.strictSame(await control.ask('PWD'), ['257 "/home/u"'])
  t.strictSame(await control.codes('SIZE /there'), [213])
  t.equal(server.sessions, 1)
})

t.test('stopping cuts every connection, leaves no signal listener and may be asked for twice', async t => {
  const listeners = process.listenerCount('SIGINT')
  const server = await startEmbeddedServer()
  t.equal(process.listenerCount('SIGINT'), listeners)
  const control = await Control.login(t, server)
  const data = await control.passive()
  const ends = [once(control.socket, 'close'), once(data, 'close')]
  data.resume()
  await Promise.all([server.stop(), server.stop()])
  await Promise.all(ends)
  const late = connect(server.port, server.host)
  const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException]
  t.equal(error.code, 'ECONNREFUSED')
})

t.test('one connection more than maxConnections is answered with 421', async t => {
  const server = await start(t, { maxConnections: 1 })
  const first = await Control.login(t, server)
  const second = await Control.open(t, server)
  t.match(await second.reply(), /^421 Too many connections/)
  await once(second.socket, 'close')
  first.socket.destroy()
  while (server.sessions > 0) await sleep(1)
  t.match(await (await Control.open(t, server)).reply(), /^220 /)
})

t.test('names are stored byte for byte', async t => {
  const server = await start(t)
  const control = await Control.login(t, server)
  const names = [
    'a "b"',
    '-rf',
    'x -a y',
    ' lead',
    'trail ',
    'a\\b',
    '%41',
    'a  b',
    '[x]*?;|',
    'é',
    'e\u0301',
    '🙂',
  ]
  for (const name of names) {
    const path = `/${latin1(name)}`
    t.match(await control.store('1', `STOR ${path}`), /^226/, name)
    t.match(
      await control.ask(`SIZE ${path}`, `RNFR ${path}`, `RNTO ${path}`),
      [/^213 1$/, /^350/, /^250/],
      name,
    )
  }
  t.same(server.fs.readdirSync('/'), [...names].sort())
  const { text } = await control.read('NLST /')
  t.same(text.trimEnd().split('\r\n').sort(), names.map(latin1).sort())
  t.match(await control.ask(`MKD ${latin1('/d"é')}`, `CWD ${latin1('/d"é')}`, 'PWD'), [
    latin1('257 "/d""é"'),
    latin1('250 "/d""é"'),
    latin1('257 "/d""é"'),
  ])
})

t.test('a name that is not UTF-8 survives beside a folder whose name is', async t => {
  const server = await start(t)
  const control = await Control.login(t, server)
  const path = `${latin1('/é')}/\xe9\xff`
  await control.ask(`MKD ${latin1('/é')}`)
  t.match(await control.store('1', `STOR ${path}`), /^226/)
  t.equal((await control.read(`NLST ${latin1('/é')}`)).text, '\xe9\xff\r\n')
  t.same(server.fs.readdirSync('/é'), ['\udce9\udcff'])
  t.match(await control.ask(`SIZE ${path}`, `DELE ${path}`), ['213 1', /^250/])
})

t.test('a command cut between two reads is one command', async t => {
  const server = await start(t)
  const control = await Control.login(t, server)
  for (const part of ['MKD /o', 'ne\r', '\nMKD /two\r\nPW', 'D\r\n']) {
    control.write(part)
    await sleep(5)
  }
  t.match(
    [await control.reply(), await control.reply(), await control.reply()],
    [/^257/, /^257/, /^257 "\/"/],
  )
  t.same(server.fs.readdirSync('/'), ['one', 'two'])
})

t.test('commands in one write run in order, behind a transfer too', async t => {
  const server = await start(t)
  const control = await Control.login(t, server)
  t.strictSame(
    await control.codes('MKD /a', 'MKD /a/b', 'RNFR /a', 'RNTO /c', 'RMD /c', 'RMD /c/b', 'RMD /c', 'PWD'),
    [257, 257, 350, 250, 550, 250, 250, 257],
  )
  const data = await control.passive()
  control.write('STOR /f\r\nSIZE /f\r\nEPSV\r\n')
  t.match(await control.reply(), /^150/)
  data.end('12345')
  t.match([await control.reply(), await control.reply(), await control.reply()], [/^226/, '213 5', /^229/])
  const sizes = Array.from({ length: 5000 }, () => 'SIZE /f')
  t.strictSame(new Set(await control.ask(...sizes)), new Set(['213 5']), 'more than one read')
})

t.test('FEAT names what there is, and nothing else', async t => {
  const control = await Control.login(t, await start(t))
  const [reply] = await control.ask('FEAT')
  t.strictSame(reply!.split('\r\n').slice(1, -1), [' EPSV', ' MDTM', ' MFMT', ' REST STREAM', ' SIZE'])
  t.strictSame(
    await control.codes('AUTH TLS', 'MLSD', 'MLST /', 'OPTS UTF8 ON', 'PASV'),
    [502, 502, 502, 200, 227],
  )
})

t.test('folders', async t => {
  const server = await start(t)
  const control = await Control.login(t, server)
  server.volume.fromJSON({ '/full/file': '12', '/empty': null })
  t.match(await control.ask('MKD /full', 'MKD /full/file', 'MKD /no/new', 'MKD /full/file/new', 'MKD /new'), [
    /^550 EEXIST/,
    /^550 EEXIST/,
    /^550 ENOENT/,
    /^550 ENOTDIR/,
    /^257/,
  ])
  t.match(
    await control.ask('RMD /full', 'RMD /full/file', 'RMD /no', 'RMD /empty', 'DELE /new', 'DELE /no'),
    [/^550 ENOTEMPTY/, /^550 ENOTDIR/, /^550 ENOENT/, /^250/, /^550 EISDIR/, /^550 ENOENT/],
  )
  t.match(await control.ask('CWD /full/file', 'CWD /no', 'CWD /full', 'PWD', 'SIZE file', 'CDUP', 'PWD'), [
    /^550 ENOTDIR/,
    /^550 ENOENT/,
    /^250/,
    '257 "/full"',
    '213 2',
    /^250/,
    '257 "/"',
  ])
  t.match(await control.ask('DELE', 'RMD', 'CWD', `MKD /${'x'.repeat(256)}`), [
    /^501/,
    /^501/,
    /^550/,
    /^550 ENAMETOOLONG/,
  ])
})

t.test('size and time are for files', async t => {
  const server = await start(t)
  const control = await Control.login(t, server)
  server.volume.fromJSON({ '/d/f': 'x', '/empty': '' })
  server.fs.utimesSync('/d/f', 1, 1_600_000_000.9)
  t.match(await control.ask('SIZE /d/f', 'SIZE /empty', 'MDTM /d/f'), [
    '213 1',
    '213 0',
    '213 20200913122640',
  ])
  t.match(await control.ask('SIZE /d', 'MDTM /d', 'SIZE /no', 'MDTM /no'), [
    /^550 EISDIR/,
    /^550 EISDIR/,
    /^550 ENOENT/,
    /^550 ENOENT/,
  ])
})

t.test('MFMT sets the time, SITE CHMOD the mode and no time', async t => {
  const server = await start(t)
  const control = await Control.login(t, server)
  server.volume.fromJSON({ '/a b': 'x' })
  t.match(await control.ask('MFMT 20190203040506 /a b', 'SITE CHMOD 640 /a b', 'MDTM /a b'), [
    '213 Modify=20190203040506; /a b',
    /^200/,
    '213 20190203040506',
  ])
  t.equal(Number(server.fs.statSync('/a b').mode) & 0o7777, 0o640)
  t.strictSame(
    await control.codes('MFMT 2019 /a b', 'MFMT 20199999999999 /a b', 'MFMT 20190203040506 /no'),
    [501, 501, 550],
  )
  t.strictSame(await control.codes('SITE CHMOD 640 /no', 'SITE CHMOD u+x /a b', 'SITE HELP'), [550, 504, 504])
})

t.test('downloads', async t => {
  const server = await start(t)
  const control = await Control.login(t, server)
  const big = Buffer.alloc(300_000, 'abcdefg')
  server.volume.fromJSON({ '/f': '0123456789', '/empty': '', '/d': null })
  server.fs.writeFileSync('/big', big)
  t.match(await control.read('RETR /f'), { text: '0123456789', reply: /^226/ })
  t.match(await control.read('REST 7', 'SIZE /f', 'RETR /f'), { text: '789', reply: /^226/ })
  t.match(await control.read('RETR /f'), { text: '0123456789' }, 'REST holds for one transfer')
  t.match(await control.read('RETR /empty'), { text: '', reply: /^226/ })
  t.equal((await control.read('RETR /big')).text, big.toString('latin1'))
  t.match(await control.read('RETR /no'), { reply: /^550 ENOENT/ })
  t.match(await control.read('RETR /d'), { reply: /^550 EISDIR/ })
  t.strictSame(await (await Control.login(t, server)).codes('RETR /f'), [425], 'no data connection')
})

t.test('uploads', async t => {
  const server = await start(t)
  const control = await Control.login(t, server)
  const file = () => server.fs.readFileSync('/f', 'utf8')
  t.match(await control.store('0123456789', 'STOR /f'), /^226/)
  await control.store('abc', 'REST 3', 'STOR /f')
  t.equal(file(), '012abc6789', 'REST patches in place')
  await control.store('xyz', 'APPE /f')
  t.equal(file(), '012abc6789xyz', 'APPE appends')
  await control.store('short', 'STOR /f')
  t.equal(file(), 'short', 'STOR truncates')
  await control.store('', 'STOR /f')
  t.equal(file(), '')
  await control.store('new', 'APPE /g')
  t.equal(server.fs.readFileSync('/g', 'utf8'), 'new', 'APPE creates')
  server.fs.mkdirSync('/d')
  t.match(await control.store('x', 'STOR /d'), /^550 EISDIR/)
  t.match(await control.store('x', 'STOR /no/f'), /^550 ENOENT/)
  t.match(await control.store('x', 'STOR /f/f'), /^550 ENOTDIR/)
  t.strictSame(await (await Control.login(t, server)).codes('STOR /g'), [425], 'no data connection')
  t.equal(server.fs.readFileSync('/g', 'utf8'), 'new', 'and nothing is emptied')
})

t.test('a data connection that is reset in an upload leaves the part that came', async t => {
  const server = await start(t)
  const control = await Control.login(t, server)
  const data = await control.passive()
  t.match(await control.ask('STOR /f'), [/^150/])
  data.write('part')
  while (!server.fs.readFileSync('/f', 'utf8')) await sleep(1)
  data.resetAndDestroy()
  t.match(await control.reply(), /^426/)
  t.equal(server.fs.readFileSync('/f', 'utf8'), 'part')
  t.match(await control.store('whole', 'STOR /f'), /^226/)
})

for (const [how, cut] of [
  ['reset', (data: Socket) => data.resetAndDestroy()],
  ['ended, then closed', (data: Socket) => data.end().destroy()],
] as const) {
  t.test(`a data connection that is ${how} in a download leaves the session usable`, async t => {
    const server = await start(t)
    server.fs.writeFileSync('/big', Buffer.alloc(8 << 20))
    const control = await Control.login(t, server)
    const data = await control.passive()
    t.match(await control.ask('RETR /big'), [/^150/])
    await once(data, 'data')
    cut(data)
    t.match(await control.reply(), /^426/)
    t.match(await control.ask('SIZE /big'), ['213 8388608'])
    t.equal((await control.read('RETR /big')).text.length, 8 << 20)
  })
}

t.test('ABOR stops a transfer', async t => {
  const server = await start(t)
  server.fs.writeFileSync('/big', Buffer.alloc(8 << 20))
  const control = await Control.login(t, server)
  const data = await control.passive()
  t.match(await control.ask('RETR /big'), [/^150/])
  t.match(await control.ask('ABOR', 'SIZE /big'), [/^426/, /^226/])
  t.equal(await control.reply(), '213 8388608')
  data.destroy()
})

t.test('a client that ends its own half of a download at once gets the whole file', async t => {
  const server = await start(t)
  server.fs.writeFileSync('/f', 'whole')
  const control = await Control.login(t, server)
  const data = await control.passive()
  data.end()
  const arrived = data.toArray()
  t.match(await control.ask('RETR /f'), [/^150/])
  t.equal(Buffer.concat((await arrived) as Buffer[]).toString(), 'whole')
  t.match(await control.reply(), /^226/)
})

t.test('a data connection made ahead outlives a refusal, and a new EPSV replaces it', async t => {
  const server = await start(t)
  server.fs.writeFileSync('/f', 'x')
  const control = await Control.login(t, server)
  const first = await control.passive()
  t.match(await control.ask('RETR /no', 'SIZE /f'), [/^550/, /^213/])
  t.match(await control.ask('RETR /f'), [/^150/])
  t.equal(Buffer.concat((await first.toArray()) as Buffer[]).toString(), 'x')
  t.match(await control.reply(), /^226/)
  const second = await control.passive()
  const ended = once(second.resume(), 'end')
  await control.passive()
  await ended
})

t.test('listings', async t => {
  const server = await start(t)
  const control = await Control.login(t, server)
  const now = new Date()
  const names = { '/d/.dot': '12', '/d/old': 'x', '/d/sub': null, '/none': null }
  server.volume.fromJSON(names)
  server.fs.symlinkSync('/d/old', '/d/link')
  server.fs.symlinkSync('gone', '/d/dangling')
  server.fs.chmodSync('/d/old', 0o4750)
  server.fs.chmodSync('/d/sub', 0o1777)
  server.fs.utimesSync('/d/.dot', now, now)
  server.fs.utimesSync('/d/old', 0, Date.UTC(2001, 1, 3) / 1000)
  const time = `${now.toUTCString().slice(8, 11)} ${String(now.getUTCDate()).padStart(2)} ${now.toISOString().slice(11, 16)}`
  const lines = (await control.read('LIST -a /d')).text.trimEnd().split('\r\n')
  t.match(
    lines.find(line => line.endsWith(' .dot')),
    new RegExp(`^-rw-.{6} +1 \\d+ +\\d+ +2 ${time} .dot$`),
  )
  t.match(
    lines.find(line => line.endsWith(' old')),
    /^-rwsr-x--- .* 1 Feb {2}3 {2}2001 old$/,
  )
  t.match(
    lines.find(line => line.endsWith(' sub')),
    /^drwxrwxrwt /,
  )
  t.match(
    lines.find(line => line.includes(' link')),
    /^lrwxrwxrwx .* 6 .* link -> \/d\/old$/,
  )
  t.match(
    lines.find(line => line.includes(' dangling')),
    /^lrwxrwxrwx .* dangling -> gone$/,
  )
  t.equal(lines.length, 5)

  const [stat] = await control.ask('STAT /d')
  t.strictSame(stat!.split('\r\n').slice(1, -1), lines, 'STAT shows the same')
  await control.ask('CWD /d')
  t.strictSame((await control.read('LIST')).text.trimEnd().split('\r\n'), lines, 'and LIST in the folder')
  t.match((await control.read('LIST /d/old')).text, /^-rwsr.* \/d\/old\r\n$/, 'a file lists itself')
  t.match(await control.read('LIST /none'), { text: '', reply: /^226/ })
  t.match(await control.read('LIST /no'), { reply: /^550 ENOENT/ })
  t.match(await control.read('NLST /no'), { reply: /^550 ENOENT/ })
})

t.test('renaming follows rename(2)', async t => {
  const server = await start(t)
  const control = await Control.login(t, server)
  server.volume.fromJSON({ '/f': 'f', '/g': 'g', '/e1': null, '/e2': null, '/full/x': 'x', '/t/old': '' })
  server.fs.symlinkSync('/f', '/link')
  server.fs.symlinkSync('/full', '/dirlink')
  const rename = async (from: string, to: string) => (await control.ask(`RNFR ${from}`, `RNTO ${to}`)).at(-1)
  t.match(await rename('/e1', '/full'), /^550 ENOTEMPTY/)
  t.match(await rename('/f', '/e1'), /^550 EISDIR/)
  t.match(await rename('/e1', '/f'), /^550 ENOTDIR/)
  t.match(await rename('/full', '/full/sub'), /^550 EINVAL/)
  t.match(await rename('/full/x', '/full'), /^550 ENOTEMPTY/)
  t.match(await rename('/f', '/no/f'), /^550 ENOENT/)
  t.match(await rename('/f', '/f'), /^250/)
  t.match(await control.ask('RNFR /no', 'RNTO /yes'), [/^550 ENOENT/, /^503/])
  t.strictSame(server.fs.readFileSync('/f', 'utf8'), 'f', 'a refusal changes nothing')

  t.match(await rename('/full', '/e1'), /^250/, 'a folder over an empty one')
  t.match(await rename('/e1', '/full'), /^250/)
  t.match(await rename('/f', '/t/old'), /^250/, 'a file over a file')
  t.match(await control.ask('DELE /t/old', 'RMD /t'), [/^250/, /^250/], 'which is counted once')
  t.match(await rename('/link', '/full/moved'), /^250/, 'a link itself')
  t.equal(server.fs.readlinkSync('/full/moved'), '/f')
  t.match(await rename('/g', '/dirlink/g'), /^250/, 'into a folder behind a link')
  t.equal(server.fs.readFileSync('/full/g', 'utf8'), 'g')
  t.match(await control.ask('MKD /dirlink/new', 'RMD /dirlink', 'DELE /dirlink'), [
    /^257/,
    /^550 ENOTDIR/,
    /^250/,
  ])
  t.ok(server.fs.existsSync('/full/new'))
})

t.test('what is not permitted is refused', async t => {
  const server = await start(t)
  const control = await Control.login(t, server)
  server.volume.fromJSON({ '/secret': 'x', '/locked/f': 'x', '/locked/d': null, '/closed/f': 'x' })
  server.fs.chmodSync('/secret', 0)
  server.fs.chmodSync('/locked', 0o555)
  server.fs.chmodSync('/closed', 0)
  const commands = ['MKD /locked/n', 'DELE /locked/f', 'RMD /locked/d', 'CWD /closed', 'SIZE /closed/f']
  for (const reply of await control.ask(...commands)) t.match(reply, /^550 EACCES/)
  t.match((await control.ask('RNFR /locked/f', 'RNTO /f')).at(-1), /^550 EACCES/)
  t.match((await control.ask('RNFR /secret', 'RNTO /locked/n')).at(-1), /^550 EACCES/)
  t.match((await control.read('RETR /secret')).reply, /^550 EACCES/)
  t.match((await control.read('LIST /closed')).reply, /^550 EACCES/)
  t.match(await control.store('x', 'STOR /secret'), /^550 EACCES/)
  t.match(await control.store('x', 'STOR /locked/n'), /^550 EACCES/)
  t.equal(server.fs.readFileSync('/locked/f', 'utf8'), 'x')
})

void t.test('TLS: on the control connection, and on data connections before the 150', async t => {
  const { cert, key, ca } = await selfSigned()
  await using server = await startEmbeddedServer({ tls: { cert, key } })
  const { host, port, user, password } = server
  const client = new Client(5000)
  t.teardown(() => client.close())
  await client.access({ host, port, user, password, secure: true, secureOptions: { ca } })
  await client.uploadFrom(Readable.from(['abc']), '/f')
  t.equal(server.fs.readFileSync('/f', 'utf8'), 'abc')
  t.match(await client.list('/'), [{ name: 'f', size: 3 }])
  const features = await client.features()
  t.same([...features.keys()].slice(-3), ['AUTH', 'PBSZ', 'PROT'])
  t.match(await client.sendIgnoringError('AUTH TLS'), { code: 503 })
  t.match(await client.sendIgnoringError('PROT S'), { code: 536 })

  const control = await Control.open(t, server)
  await control.reply()
  t.same(
    await control.codes('AUTH SSL', 'PBSZ 0', 'PROT P', `USER ${user}`, `PASS ${password}`),
    [504, 503, 503, 331, 230],
  )
})
