import type { ServerProfile } from '../../wire/server/server-profile.js'

/**
 * `usual`: the command that works best on the server. `facts`: MLSD if the server has it, even if
 * LIST is better. `ls`: LIST. Neither shows all links on every server.
 */
export type EntriesFrom = 'usual' | 'facts' | 'ls'

/** The commands that list a folder. The option `listCommand` selects one of them. */
export type ListCommand = 'MLSD' | 'LIST -a' | 'LIST' | 'NLST'

// Longer than any name on Linux.
const optionOfNoName = `LIST -${'a'.repeat(256)}`

/** The verb to send, whose option cannot be the name of an entry. */
export function listVerb(command: ListCommand, { quirks }: ServerProfile): string {
  return command === 'LIST -a' && quirks.mistakesOptions ? optionOfNoName : command
}

const factsFirst: readonly ListCommand[] = ['MLSD', 'LIST -a', 'LIST', 'NLST']
// NLST shows only names.
const linesFirst: readonly ListCommand[] = ['LIST -a', 'LIST', 'MLSD', 'NLST']

/** The commands that may list a folder, the best one first. */
export function listCommands(
  { quirks }: Pick<ServerProfile, 'quirks'>,
  from: EntriesFrom,
  forced?: ListCommand,
): readonly ListCommand[] {
  if (forced) return [forced]
  return from === 'facts' || (from === 'usual' && !quirks.mixesLinks) ? factsFirst : linesFirst
}
