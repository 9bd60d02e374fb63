import { isIP, isIPv6 } from 'node:net'
import { posix } from 'node:path'
import type { ByteString } from '../../lib/wire/names/names.js'
import { Refusal, type Entry, type Handler, type Script, type ScriptTls } from './script.js'
import type { CommandContext } from './scripted-command.js'

/** What a server of the kind that the greeting names has in FEAT besides: by that it is known. */
function ownFeatures(said: Script['greeting']): string[] {
  const greeting = typeof said === 'function' ? said(1) : [said].join()
  if (/vsftpd/i.test(greeting)) return ['EPRT', 'PASV']
  if (/proftpd/i.test(greeting)) return ['CLNT', 'EPRT', 'MFF modify;', 'MFMT']
  return /pure-ftpd/i.test(greeting) ? ['ESTA', 'IDLE', 'MFMT', 'MLSD'] : ['MFMT']
}

/** Commands that need no login. */
export const withoutLogin = new Set([
  'USER',
  'PASS',
  'FEAT',
  'SYST',
  'NOOP',
  'HELP',
  'OPTS',
  'QUIT',
  'AUTH',
  'PBSZ',
  'PROT',
])

const stamp = (date: Date) => date.toISOString().replace(/\D/g, '').slice(0, 14)

function existing(ctx: CommandContext, path = ctx.path): Entry {
  const entry = ctx.server.files.get(path)
  if (!entry) throw new Refusal('550 No such file or directory')
  return entry
}

function existingFile(ctx: CommandContext): Buffer {
  const { content } = existing(ctx)
  if (content === 'dir') throw new Refusal('550 Not a regular file')
  return content
}

function existingDirectory(ctx: CommandContext, path = ctx.path): void {
  if (existing(ctx, path).content !== 'dir') throw new Refusal('550 Not a directory')
}

function isEmpty(ctx: CommandContext): boolean {
  return ![...ctx.server.files.keys()].some(path => path.startsWith(ctx.path + '/'))
}

function toldSize(ctx: CommandContext, path: ByteString, entry: Entry): number {
  if (entry.content === 'dir') return 4096
  return ctx.server.script.sizeLies?.(path, entry.content.length) ?? entry.content.length
}

function facts(ctx: CommandContext, path: ByteString, entry: Entry): string {
  const mode = `modify=${stamp(entry.modified)};UNIX.mode=0${entry.mode.toString(8)};`
  return entry.content === 'dir' ? `type=dir;${mode}` : `type=file;size=${toldSize(ctx, path, entry)};${mode}`
}

function unixLine(ctx: CommandContext, path: ByteString, entry: Entry): string {
  const rights = 'rwxrwxrwx'.replace(/./g, (letter, i: number) => (entry.mode & (0o400 >> i) ? letter : '-'))
  const [, day, month, year, time] = entry.modified.toUTCString().split(' ')
  const recent = Math.abs(Date.now() - entry.modified.getTime()) < 180 * 86_400_000
  const size = String(toldSize(ctx, path, entry)).padStart(12)
  const when = `${month} ${day} ${recent ? time!.slice(0, 5) : ' ' + year}`
  return `${entry.content === 'dir' ? 'd' : '-'}${rights}    1 owner    group    ${size} ${when} ${posix.basename(path)}`
}

function iisLine(ctx: CommandContext, path: ByteString, entry: Entry): string {
  const [year, month, day, hour, minute] = entry.modified.toISOString().slice(2).split(/\D/)
  const clock = `${String(Number(hour) % 12 || 12).padStart(2, '0')}:${minute}${Number(hour) < 12 ? 'AM' : 'PM'}`
  const size = entry.content === 'dir' ? '<DIR>         ' : String(toldSize(ctx, path, entry))
  return `${month}-${day}-${year}  ${clock} ${size.padStart(20)} ${posix.basename(path)}`
}

/** The entries of the folder that the argument names, or the file that it names, in lines of some form. */
function lines(
  ctx: CommandContext,
  path: ByteString,
  form: (ctx: CommandContext, path: ByteString, entry: Entry) => string,
): string[] {
  const listed =
    existing(ctx, path).content === 'dir'
      ? [...ctx.server.files].filter(([child]) => child !== '/' && posix.dirname(child) === path)
      : [[path, existing(ctx, path)] as const]
  return listed.map(([child, entry]) => form(ctx, child, entry) + '\r\n')
}

function ownLine(ctx: CommandContext, path: ByteString): string[] {
  const entry = ctx.server.files.get(path)
  return entry ? [listLine(ctx)(ctx, path, entry) + '\r\n'] : []
}

/** LIST, NLST and STAT take options in front of the path. */
const pathBehindOptions = (ctx: CommandContext) =>
  posix.resolve('/', ctx.connection.cwd, ctx.argument.replace(/^(-\S* ?)+/, ''))

const listLine = (ctx: CommandContext) => (ctx.server.script.listStyle === 'iis' ? iisLine : unixLine)

function withMlst(ctx: CommandContext): void {
  if (ctx.server.script.mlst === false) throw new Refusal(`500 ${ctx.command} not understood`)
}

function withTls(ctx: CommandContext): ScriptTls {
  const { tls } = ctx.server.script
  if (!tls) throw new Refusal(`500 ${ctx.command} not understood`)
  if (!ctx.connection.isSecure) throw new Refusal('503 AUTH first')
  return tls
}

const isByte = (value: number) => Number.isInteger(value) && value >= 0 && value < 256

async function store(ctx: CommandContext, append: boolean): Promise<void> {
  const { path, connection } = ctx
  const { files } = ctx.server
  existingDirectory(ctx, posix.dirname(path))
  const old = files.get(path) ?? { content: Buffer.alloc(0), mode: 0o644 }
  if (old.content === 'dir') throw new Refusal('550 Is a directory')
  const start = append ? old.content.length : connection.restart
  const head = Buffer.alloc(start)
  old.content.copy(head)
  const before = old.content
  connection.restart = 0
  await ctx.receive(bytes => {
    const tail = start > 0 ? before.subarray(start + bytes.length) : ''
    const content = Buffer.concat([head, bytes, Buffer.from(tail)])
    files.set(path, { content, modified: new Date(), mode: old.mode })
  })
}

function* pieces(content: Buffer): Generator<Buffer> {
  for (let i = 0; i < content.length; i += 65_536) yield content.subarray(i, i + 65_536)
}

/** What a plain, sane server does, command by command. */
export const defaults: Record<string, Handler> = {
  USER(ctx) {
    ctx.connection.user = ctx.argument
    ctx.connection.loggedIn = false
    ctx.reply('331 Password please')
  },
  PASS(ctx) {
    if (!ctx.connection.user) throw new Refusal('503 USER first')
    ctx.connection.loggedIn = true
    ctx.reply('230 Logged in')
  },
  FEAT(ctx) {
    const { features, mlst, epsv, tls } = ctx.server.script
    if (features === 'none') throw new Refusal('500 FEAT not understood')
    const usual = ['MDTM', 'REST STREAM', 'SIZE', 'TVFS', 'UTF8', ...ownFeatures(ctx.server.script.greeting)]
    if (mlst !== false && !usual.includes('PASV')) usual.push('MLST type*;size*;modify*;UNIX.mode*;')
    if (epsv !== 'refused') usual.push('EPSV')
    if (tls) usual.push(...(tls.mode === 'implicit' ? [] : ['AUTH TLS']), 'PBSZ', 'PROT')
    const told = (features ?? usual).map(line => ` ${line}\r\n`).join('')
    ctx.reply(told ? `211-Features:\r\n${told}211 End` : '211 No features')
  },
  SYST: ctx => ctx.reply(ctx.server.script.listStyle === 'iis' ? '215 Windows_NT' : '215 UNIX Type: L8'),
  NOOP: ctx => ctx.reply('200 Zzz'),
  HELP: ctx =>
    ctx.reply(`214-The following commands are known\r\n ${Object.keys(defaults).join(' ')}\r\n214 End`),
  OPTS: ctx => ctx.reply(/^(UTF-?8 ON|MLST\b)/i.test(ctx.argument) ? '200 Done' : '501 No such option'),
  TYPE: ctx => ctx.reply(/^(I|A( N)?|L 8)$/i.test(ctx.argument) ? '200 Type set' : '504 No such type'),
  ABOR: ctx => ctx.reply('226 Nothing to abort'),
  QUIT(ctx) {
    ctx.reply('221 Bye')
    return ctx.connection.end()
  },
  PWD: ctx => ctx.reply(`257 "${ctx.connection.cwd.replaceAll('"', '""')}" is the current directory`),
  CWD(ctx) {
    existingDirectory(ctx)
    ctx.connection.cwd = ctx.path
    ctx.reply('250 Directory changed')
  },
  SIZE(ctx) {
    existingFile(ctx)
    ctx.reply(`213 ${toldSize(ctx, ctx.path, existing(ctx))}`)
  },
  MDTM(ctx) {
    existingFile(ctx)
    ctx.reply(`213 ${stamp(existing(ctx).modified)}`)
  },
  MLST(ctx) {
    withMlst(ctx)
    ctx.reply(`250-Listing\r\n ${facts(ctx, ctx.path, existing(ctx))} ${ctx.path}\r\n250 End`)
  },
  MLSD(ctx) {
    withMlst(ctx)
    existingDirectory(ctx)
    return ctx.send(
      lines(ctx, ctx.path, (_, path, entry) => `${facts(ctx, path, entry)} ${posix.basename(path)}`),
    )
  },
  LIST: ctx => ctx.send(lines(ctx, pathBehindOptions(ctx), listLine(ctx))),
  NLST: ctx => ctx.send(lines(ctx, pathBehindOptions(ctx), (_, path) => posix.basename(path))),
  STAT(ctx) {
    if (!ctx.argument) return ctx.reply('211 All is well')
    const path = pathBehindOptions(ctx)
    const picked = /^(.*)\/\{([^,]*),+\}$/s.exec(path)
    // As vsftpd does for a name in braces: the entry itself, or nothing.
    const shown = picked ? ownLine(ctx, `${picked[1]}/${picked[2]}`) : lines(ctx, path, listLine(ctx))
    ctx.reply(`213-Status:\r\n${shown.join('')}213 End`)
  },
  async EPSV(ctx) {
    if (ctx.server.script.epsv === 'refused') throw new Refusal('500 EPSV not understood')
    ctx.reply(`229 Entering Extended Passive Mode (|||${await ctx.connection.data.listen()}|)`)
  },
  async PASV(ctx) {
    if (isIPv6(ctx.server.host)) throw new Refusal('425 Use EPSV')
    const port = await ctx.connection.data.listen()
    const address = (ctx.server.script.pasvAddress ?? '127.0.0.1').replaceAll('.', ',')
    ctx.reply(`227 Entering Passive Mode (${address},${port >> 8},${port & 255})`)
  },
  PORT(ctx) {
    if (ctx.server.script.port === 'refused') throw new Refusal('500 PORT not understood')
    const numbers = ctx.argument.split(',').map(Number)
    const [high, low] = numbers.slice(4)
    if (numbers.length !== 6 || !numbers.every(isByte)) throw new Refusal('501 No such address')
    ctx.connection.data.call({ host: numbers.slice(0, 4).join('.'), port: high! * 256 + low! })
    ctx.reply('200 Will connect')
  },
  EPRT(ctx) {
    if (ctx.server.script.eprt === 'refused') throw new Refusal('500 EPRT not understood')
    const [, family, host, port] = /^\|([12])\|([^|]+)\|(\d+)\|$/.exec(ctx.argument) ?? []
    if (!host || isIP(host) !== (family === '1' ? 4 : 6)) throw new Refusal('501 No such address')
    ctx.connection.data.call({ host, port: Number(port) })
    ctx.reply('200 Will connect')
  },
  async AUTH(ctx) {
    const { tls } = ctx.server.script
    if (!tls || tls.mode === 'implicit') throw new Refusal('500 AUTH not understood')
    if (ctx.connection.isSecure) throw new Refusal('503 TLS has begun')
    const { authReply = /^TLS$/i.test(ctx.argument) ? '234 Begin TLS' : '504 Only TLS' } = tls
    if (!authReply.startsWith('234')) throw new Refusal(authReply)
    await ctx.connection.beginTls(authReply)
  },
  PBSZ(ctx) {
    withTls(ctx)
    ctx.reply(ctx.argument === '0' ? '200 PBSZ=0' : '501 Only 0')
  },
  PROT(ctx) {
    const known = {
      P: '200 Data is private',
      C: '200 Data is clear',
      S: '536 Not with TLS',
      E: '536 Not with TLS',
    }
    const level = ctx.argument.toUpperCase()
    const { protReply = known[level as 'P'] ?? '504 No such level' } = withTls(ctx)
    if (protReply.startsWith('200')) ctx.connection.data.isProtected = level === 'P'
    ctx.reply(protReply)
  },
  REST(ctx) {
    if (!/^\d+$/.test(ctx.argument)) throw new Refusal('501 No such offset')
    ctx.connection.restart = Number(ctx.argument)
    ctx.reply(`350 Restarting at ${ctx.argument}`)
  },
  RETR(ctx) {
    const start = ctx.connection.restart
    ctx.connection.restart = 0
    const content = existingFile(ctx)
    if (start > content.length) throw new Refusal('554 Past the end')
    return ctx.send(pieces(content.subarray(start)))
  },
  STOR: ctx => store(ctx, false),
  APPE: ctx => store(ctx, true),
  DELE(ctx) {
    if (existing(ctx).content === 'dir') throw new Refusal('550 Is a directory')
    ctx.server.files.delete(ctx.path)
    ctx.reply('250 Deleted')
  },
  MKD(ctx) {
    existingDirectory(ctx, posix.dirname(ctx.path))
    if (ctx.server.files.has(ctx.path)) throw new Refusal('550 File exists')
    ctx.server.files.set(ctx.path, { content: 'dir', modified: new Date(), mode: 0o755 })
    ctx.reply(`257 "${ctx.path.replaceAll('"', '""')}" created`)
  },
  RMD(ctx) {
    existingDirectory(ctx)
    if (ctx.path === '/' || !isEmpty(ctx)) throw new Refusal('550 Directory not empty')
    ctx.server.files.delete(ctx.path)
    ctx.reply('250 Removed')
  },
  RNFR(ctx) {
    existing(ctx)
    ctx.connection.renameFrom = ctx.path
    ctx.reply('350 To what?')
  },
  RNTO(ctx) {
    const { files } = ctx.server
    const { path: to, connection } = ctx
    const from = connection.renameFrom
    connection.renameFrom = undefined
    if (from === undefined || !files.has(from)) throw new Refusal('503 RNFR first')
    existingDirectory(ctx, posix.dirname(to))
    if (to.startsWith(from + '/')) throw new Refusal('550 Invalid argument')
    const isDir = (path: ByteString) => files.get(path)?.content === 'dir'
    if (isDir(to) && to !== from && !isEmpty(ctx)) throw new Refusal('550 Directory not empty')
    if (files.has(to) && isDir(to) !== isDir(from)) throw new Refusal('550 Is one a directory?')
    for (const [path, entry] of [...files]) {
      if (path !== from && !path.startsWith(from + '/')) continue
      files.delete(path)
      files.set(to + path.slice(from.length), entry)
    }
    ctx.reply('250 Renamed')
  },
  MFMT(ctx) {
    const [, time, path] = /^(\d{14}) (.*)$/s.exec(ctx.argument) ?? []
    if (time === undefined || path === undefined) throw new Refusal('501 MFMT time path')
    const entry = existing(ctx, posix.resolve('/', ctx.connection.cwd, path))
    entry.modified = new Date(time.replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z'))
    ctx.reply(`213 Modify=${time}; ${path}`)
  },
  SITE(ctx) {
    const [, mode, path] = /^CHMOD ([0-7]{3,4}) (.*)$/is.exec(ctx.argument) ?? []
    if (mode === undefined || path === undefined) throw new Refusal('504 No such SITE command')
    existing(ctx, posix.resolve('/', ctx.connection.cwd, path)).mode = parseInt(mode, 8)
    ctx.reply('200 Mode changed')
  },
}
