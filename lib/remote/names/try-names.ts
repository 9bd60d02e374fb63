import { randomBytes } from 'node:crypto'
import type { Call } from '../../pool/call.js'
import { command, type ServerFile } from '../../wire/session/command.js'
import { ConnectionLostError } from '../../wire/ftp-errors.js'
import type { ByteString } from '../../wire/names/names.js'
import { Outgoing } from '../../wire/data/outgoing.js'
import { isPositive, type Reply } from '../../wire/reply/replies.js'
import type { Session } from '../../wire/session/session.js'
import { list } from '../list/list.js'
import { iac, type Risk } from './names-at-risk.js'
import { join } from '../paths.js'
import type { Remote } from '../remote.js'
import { serverCommand, serverFile } from '../server-file.js'
import { isSame } from './same-name.js'

/** An empty file or folder that the trial creates and searches for. */
interface Try {
  /** The random beginning of its name, so that no other entry has it. */
  readonly mark: ByteString
  readonly sent: ByteString
  readonly wanted: ByteString
  readonly risk?: Risk
  readonly doubled?: boolean
  reply?: Reply
}

/**
 * Creates empty files with the parts at risk in their names, searches the folder for them, and
 * removes them. The server profile keeps the result. If the folder takes no file at all, which
 * proves nothing of names, it resolves with the refusal.
 */
export async function tryNames(
  remote: Remote,
  call: Call,
  folder: ByteString,
  risks: readonly Risk[],
): Promise<Reply | undefined> {
  for (;;) {
    const tries = triesOf(risks)
    try {
      await storeAll(remote, call, folder, tries)
      const stored = tries.filter(({ reply }) => reply && isPositive(reply))
      if (stored.length === 0) return tries.at(-1)!.reply
      const shown = (await list(remote, call, folder)).map(({ name }) => name)
      await remove(remote, call, folder, stored, shown)
      learn(remote, risks, tries, shown)
      return undefined
    } catch (error) {
      await remove(remote, call, folder, tries, []).catch(() => {})
      if (!(error instanceof ConnectionLostError)) throw error
      await remote.pool.retry(call, error)
    }
  }
}

function triesOf(risks: readonly Risk[]): Try[] {
  const random = randomBytes(6).toString('hex')
  const tries: Try[] = []
  const add = (sample: ByteString, wanted: ByteString, rest: Pick<Try, 'risk' | 'doubled'>): void => {
    const mark = `ftp-vfs-${random}-${tries.length}-`
    tries.push({ mark, sent: mark + sample, wanted: mark + wanted, ...rest })
  }
  for (const risk of risks) {
    add(risk.sample, risk.sample, { risk })
    if (risk.kind === iac)
      add(risk.sample.replaceAll('\xff', '\xff\xff'), risk.sample, { risk, doubled: true })
  }
  // A success of this one shows that others were refused because of their names.
  add('x', 'x', {})
  return tries
}

async function storeAll(
  remote: Remote,
  call: Call,
  folder: ByteString,
  tries: readonly Try[],
): Promise<void> {
  const lease = await remote.pool.acquire(call, 'transfer')
  const forget = call.onCancel(() => lease.session.close())
  try {
    for (const each of tries)
      each.reply = await make(lease.session, serverFile(remote, join(folder, each.sent)), each)
  } finally {
    forget()
    lease.release()
  }
}

/** Creates an empty file, or a folder. */
async function make(session: Session, file: ServerFile, { risk }: Try): Promise<Reply> {
  if (!risk?.byFolder) return storeEmpty(session, file)
  const [reply] = await session.flight([command('MKD', file)])
  return reply!
}

async function storeEmpty(session: Session, file: ServerFile): Promise<Reply> {
  const outgoing = await Outgoing.open(session, { command: command('STOR', file) })
  if (!(outgoing instanceof Outgoing)) return outgoing
  const [reply] = await outgoing.end()
  return reply!
}

/** Also removes listed names with the same mark: the server may have changed a name. */
async function remove(
  remote: Remote,
  call: Call,
  folder: ByteString,
  tries: readonly Try[],
  shown: readonly ByteString[],
): Promise<void> {
  const made = tries.flatMap(({ mark, sent, risk }) => {
    const found = shown.filter(name => name.startsWith(mark) && name !== sent)
    return [sent, ...found].map(name => command(risk?.byFolder ? 'RMD' : 'DELE', join(folder, name)))
  })
  await remote.pool.ask(call, {
    commands: () => made.map(each => serverCommand(remote, each)),
    answer: () => {},
  })
}

function learn(
  { pool }: Remote,
  risks: readonly Risk[],
  tries: readonly Try[],
  shown: readonly ByteString[],
): void {
  const { server, options } = pool
  for (const risk of risks) {
    const kept = tries.find(
      each => each.risk === risk && shown.some(name => isSame(name, each.wanted, options.encoding)),
    )
    server.keptNames.set(risk.kind, kept !== undefined)
    if (kept?.doubled) server.wantsDoubledIac = true
  }
}
