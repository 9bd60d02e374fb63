import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import { dirname, type ByteString } from '../../wire/names/names.js'
import { isPositive, isUnknownCommand, replyText, type Reply } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import { notSupported, NotSupportedError } from '../not-supported.js'
import { explain } from '../refusal.js'
import type { Remote } from '../remote.js'
import { statPath } from './stat.js'

/** How much the user may still store. Values that the server does not report are absent. */
export interface FreeSpace {
  /** Bytes. */
  free: number
  /** The total bytes that the user may store. */
  limit?: number
  freeFiles?: number
  maxFiles?: number
}

/**
 * Returns how much the user may still store in a folder, or in the folder of a file, by AVBL
 * (draft-peterson-streamlined-ftp-command-extensions, section 4) or SITE QUOTA (mod_quotatab of
 * ProFTPD).
 *
 * @throws RefusedError: ENOENT, ENOTDIR, EACCES; ENOTSUP if the server does not report it
 */
export async function freeSpace(remote: Remote, call: Call, path: ByteString): Promise<FreeSpace> {
  const { type } = await statPath(remote, call, path)
  const { server } = remote.pool
  if (server.features.has('AVBL')) return available(remote, call, type === 'directory' ? path : dirname(path))
  const verb = 'SITE QUOTA'
  if (server.can.command(verb).failed) throw notSupported(`AVBL and no ${verb}`)
  const reply = await question(remote, call, verb)
  if (isUnknownCommand(reply)) {
    server.can.command(verb).fail()
    throw notSupported(`AVBL and no ${verb}`, reply)
  }
  const quota = isPositive(reply) ? parseQuota(reply) : undefined
  if (!quota) throw new NotSupportedError('the server has no limit for this user, or does not tell it', reply)
  return quota
}

async function available(remote: Remote, call: Call, folder: ByteString): Promise<FreeSpace> {
  const reply = await question(remote, call, 'AVBL', folder)
  const text = replyText(reply)
  if (reply.code === 213 && /^\d+$/.test(text)) return { free: Number(text) }
  throw isPositive(reply)
    ? new NotSupportedError('the server answers AVBL with no number', reply)
    : await explain(remote, call, 'stat', reply, folder)
}

function question(remote: Remote, call: Call, verb: string, path?: ByteString): Promise<Reply> {
  return ask(remote, call, {
    key: `${verb} ${path ?? ''}`,
    commands: () => [command(verb, path)],
    answer: ([reply]) => reply!,
  })
}

const units: Readonly<Record<string, number>> = { bytes: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 }

/**
 * Parses `Uploaded Kb:  0.50/976.56` and `Uploaded files: 1/10`: ProFTPD 1.3.8 shows the used and
 * the allowed amount, in the unit of its QuotaDisplayUnits and with two decimals. Undefined without
 * a limit for bytes.
 */
function parseQuota(reply: Reply): FreeSpace | undefined {
  const text = reply.lines.join('\n')
  const [, unit = '', used, max] = /Uploaded (bytes|[KMG]b):\s*([\d.]+)\/([\d.]+)/i.exec(text) ?? []
  const scale = units[unit.toLowerCase()]
  if (scale === undefined) return undefined
  const limit = Math.floor(Number(max) * scale)
  const space = { free: Math.max(0, Math.floor((Number(max) - Number(used)) * scale)), limit }
  const [, stored, maxFiles] = /Uploaded files:\s*(\d+)\/(\d+)/i.exec(text) ?? []
  if (maxFiles === undefined) return space
  return {
    ...space,
    maxFiles: Number(maxFiles),
    freeFiles: Math.max(0, Number(maxFiles) - Number(stored)),
  }
}
