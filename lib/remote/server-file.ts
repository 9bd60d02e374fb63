import { dirname, type ByteString } from '../wire/names/names.js'
import type { Command, ServerFile } from '../wire/session/command.js'
import type { Remote } from './remote.js'

/**
 * The path on the server of a virtual path. The login directory decides, so that it holds only once
 * a session has logged in.
 */
export function serverPath({ pool, paths }: Remote, path: ByteString): ByteString {
  return paths.remote(path, pool.server.loginDirectory)
}

/** Names the file by its path, or with `useCwdNames` by a bare name in its folder. */
export function serverFile(remote: Remote, path: ByteString, folder?: ByteString): ServerFile {
  const from = folder ?? (remote.options.useCwdNames ? dirname(path) : undefined)
  const file = { path: serverPath(remote, path) }
  return from === undefined ? file : { ...file, folder: serverPath(remote, from) }
}

/** A command that names virtual paths, as it goes to a session. */
export function serverCommand(remote: Remote, command: Command): Command {
  const { verb, path, folder } = command
  return path === undefined ? command : { verb, ...serverFile(remote, path, folder) }
}
