import type { ListCommand } from './list-command.js'

/** How one listing is asked for. */
export interface Way {
  readonly verb: ListCommand
  /** With the path as an argument; else by CWD and the bare command. */
  readonly byPath: boolean
  /**
   * CWD goes in front of a path all the same: where it seems to stay, PWD may be what is wrong, and
   * the server may take no path.
   */
  readonly entersToo?: boolean
  /** In TYPE A (RFC 959, section 3.1.1.1), which some servers want for listings. */
  readonly ascii: boolean
}

/**
 * What became of a way. `no CWD`, `no command`: the server does not have it. `CWD stays`: it is
 * accepted, and leads nowhere. `wants ASCII`: the refusal asks for TYPE A. `unreadable`: what came is
 * no listing of this command.
 */
export type Fault = 'no CWD' | 'CWD stays' | 'no command' | 'wants ASCII' | 'unreadable'

type Known = Readonly<
  Record<'mlsd' | 'listAll' | 'list' | 'cwd' | 'entering' | 'binaryListing', { readonly usable: boolean }>
>

/** The first way, from what is known of the server. */
export function firstWay(can: Known, commands: readonly ListCommand[]): Way {
  return {
    verb: usableOf(can, commands) ?? commands.at(-1)!,
    byPath: !(can.cwd.usable && can.entering.usable),
    entersToo: can.cwd.usable && !can.entering.usable,
    ascii: !can.binaryListing.usable,
  }
}

/** The next way; undefined when none is left. */
export function nextWay(
  way: Way,
  fault: Fault,
  can: Known,
  commands: readonly ListCommand[],
): Way | undefined {
  if (fault === 'no CWD') return way.byPath ? undefined : { ...way, byPath: true }
  if (fault === 'CWD stays') return way.byPath ? undefined : { ...way, byPath: true, entersToo: true }
  if (fault === 'wants ASCII') return way.ascii ? undefined : { ...way, ascii: true }
  const place = commands.indexOf(way.verb)
  const verb = place < 0 ? undefined : usableOf(can, commands.slice(place + 1))
  return verb && { ...way, verb }
}

function usableOf(can: Known, commands: readonly ListCommand[]): ListCommand | undefined {
  return commands.find(command => abilityOf(can, command)?.usable ?? true)
}

/** What is known of the command; of NLST, the last of all, nothing has to be. */
export function abilityOf<Ability>(
  can: Readonly<Record<'mlsd' | 'listAll' | 'list', Ability>>,
  command: ListCommand,
): Ability | undefined {
  switch (command) {
    case 'MLSD':
      return can.mlsd
    case 'LIST -a':
      return can.listAll
    case 'LIST':
      return can.list
    case 'NLST':
      return undefined
  }
}
