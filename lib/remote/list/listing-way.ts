import type { ListCommand } from './list-command.js'

/** How to request a listing. */
export interface Way {
  readonly verb: ListCommand
  /** With the path as an argument; otherwise by CWD and the bare command. */
  readonly byPath: boolean
  /**
   * CWD precedes the command even if that has a path. If CWD seems to have no effect, PWD may be
   * wrong, and the listing command may ignore paths.
   */
  readonly entersToo?: boolean
  /** In TYPE A (RFC 959, section 3.1.1.1), which some servers require for listings. */
  readonly ascii: boolean
}

/**
 * What is wrong with a way. `no CWD`, `no command`: the server lacks it. `CWD stays`: CWD is
 * accepted, but has no effect. `wants ASCII`: the refusal asks for TYPE A. `unreadable`: the reply
 * is no listing of this command.
 */
export type Fault = 'no CWD' | 'CWD stays' | 'no command' | 'wants ASCII' | 'unreadable'

type Known = Readonly<
  Record<'mlsd' | 'listAll' | 'list' | 'cwd' | 'entering' | 'binaryListing', { readonly usable: boolean }>
>

/** The first way, given what is known of the server. */
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

/** The ability that the command needs; undefined for NLST, which is the last resort. */
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
