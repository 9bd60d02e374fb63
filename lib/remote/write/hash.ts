import { createHash, type Hash } from 'node:crypto'
import type { Call } from '../../pool/call.js'
import { command } from '../../wire/session/command.js'
import type { Features } from '../../wire/server/features.js'
import type { ByteString } from '../../wire/names/names.js'
import { isPositive } from '../../wire/reply/replies.js'
import { ask } from '../ask.js'
import type { Remote } from '../remote.js'
import { replyWords } from '../reply-words.js'

interface HashCommand {
  readonly verb: string
  /** The name in node:crypto. */
  readonly algorithm: string
}

// In no RFC, but widespread: FileZilla Server, Serv-U, ProFTPD's mod_digest, wu-ftpd patches.
const commands: readonly HashCommand[] = [
  { verb: 'XSHA256', algorithm: 'sha256' },
  { verb: 'XSHA1', algorithm: 'sha1' },
  { verb: 'XMD5', algorithm: 'md5' },
]

/** The command by which the server reports the hash of a file, if it has one. */
export function hashCommand(features: Features): HashCommand | undefined {
  return commands.find(({ verb }) => features.has(verb))
}

/** A hash with the algorithm of the server, or with SHA-256 if bytes have to be read back. */
export function newHash(features: Features): Hash {
  return createHash(hashCommand(features)?.algorithm ?? 'sha256')
}

/** The server's hash of a file, in lower-case hexadecimal. Undefined if the server reports none. */
export async function serverHash(remote: Remote, call: Call, path: ByteString): Promise<string | undefined> {
  const found = hashCommand(remote.pool.server.features)
  if (!found) return undefined
  return ask(remote, call, {
    commands: () => [command(found.verb, path)],
    answer: ([reply]) => {
      const digits = createHash(found.algorithm).digest().length * 2
      const hash = new RegExp(`(?<![0-9a-f])[0-9a-f]{${digits}}(?![0-9a-f])`, 'i').exec(
        replyWords(remote, reply!, path),
      )
      return isPositive(reply!) ? hash?.[0].toLowerCase() : undefined
    },
  })
}
