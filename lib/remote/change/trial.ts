import { randomBytes } from 'node:crypto'
import type { Call } from '../../pool/call.js'
import type { ByteString } from '../../wire/names/names.js'
import { command, type Command } from '../../wire/session/command.js'
import { ask } from '../ask.js'
import { join } from '../paths.js'
import type { Remote } from '../remote.js'
import { changing } from './changing.js'

/** The path of a folder of our own, by which an unknown server is tried. */
export function trialFolder(parent: ByteString): ByteString {
  return join(parent, `ftp-vfs-${randomBytes(6).toString('hex')}`)
}

/**
 * Removes the folders of a trial, those below others first. A folder that was not created does no
 * harm. `before`: commands in front.
 */
export async function removeTrial(
  remote: Remote,
  call: Call,
  folders: readonly ByteString[],
  before: readonly Command[] = [],
): Promise<void> {
  await changing(remote, folders, () =>
    ask(remote, call, {
      commands: () => [...before, ...folders.map(folder => command('RMD', folder))],
      answer: () => {},
    }),
  )
}
