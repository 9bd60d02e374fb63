import type { ServerProfile } from '../../wire/server/server-profile.js'

/**
 * `usual`: as the server does it best. `facts`: MLSD where the server has it, be LIST better. `ls`:
 * LIST. Neither shows all links on every server.
 */
export type EntriesFrom = 'usual' | 'facts' | 'ls'

/** The commands that list a folder; the option `listCommand` names one of them. */
export type ListCommand = 'MLSD' | 'LIST -a' | 'LIST' | 'NLST'

// Longer than any name may be on Linux.
const optionOfNoName = `LIST -${'a'.repeat(256)}`

/** The verb as it is sent: an option never stands for a name. */
export function listVerb(command: ListCommand, { quirks }: ServerProfile): string {
  return command === 'LIST -a' && quirks.mistakesOptions ? optionOfNoName : command
}

const factsFirst: readonly ListCommand[] = ['MLSD', 'LIST -a', 'LIST', 'NLST']
// NLST tells names alone.
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
