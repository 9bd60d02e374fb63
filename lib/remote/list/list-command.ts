import type { ServerProfile } from '../../wire/server-profile.js'

/**
 * `usual`: as the server does it best. `facts`: MLSD where the server has it, be LIST better. `ls`:
 * LIST. Neither shows all links on every server.
 */
export type EntriesFrom = 'usual' | 'facts' | 'ls'

export type ListCommand = 'MLSD' | 'LIST -a' | 'LIST'

// Longer than any name may be on Linux.
const optionOfNoName = `LIST -${'a'.repeat(256)}`

/** The verb as it is sent: an option never stands for a name. */
export function listVerb(command: ListCommand, { quirks }: ServerProfile): string {
  return command === 'LIST -a' && quirks.mistakesOptions ? optionOfNoName : command
}

/** Whether a listing is MLSD's, whose times are UTC and exact. */
export function tellsFacts({ can, quirks }: ServerProfile, from: EntriesFrom = 'usual'): boolean {
  return can.mlsd.usable && (from === 'facts' || (from === 'usual' && !quirks.mixesLinks))
}

/** The command that lists a folder. */
export function listCommand(server: ServerProfile, from: EntriesFrom): ListCommand {
  if (tellsFacts(server, from)) return 'MLSD'
  return server.can.listAll.usable ? 'LIST -a' : 'LIST'
}
