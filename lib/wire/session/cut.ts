import type { Command } from './command.js'
import type { ByteString } from '../names/names.js'
import type { WorkingDirectory } from './working-directory.js'

/**
 * Splits commands into flights of at most `maxBytes`. All bare names of a flight are in one folder,
 * and none follows a CWD: after its refusal, a bare name would mean a file of another folder.
 *
 * Throws for a command that cannot be sent.
 */
export function cut(
  commands: readonly Command[],
  directory: WorkingDirectory,
  maxBytes: number,
  maxCommands = Infinity,
): Command[][] {
  const flights: Command[][] = []
  let bytes = 0
  let folder: ByteString | undefined
  let moved = false
  for (const command of commands) {
    const length = directory.pathLine(command).length + 2
    const wanted = directory.folderOf(command)
    const elsewhere = wanted !== undefined && (moved || (folder !== undefined && wanted !== folder))
    const flight = flights.at(-1)
    if (!flight || flight.length >= maxCommands || bytes + length > maxBytes || elsewhere) {
      flights.push([command])
      bytes = 0
      folder = undefined
      moved = false
    } else {
      flight.push(command)
    }
    bytes += length
    folder ??= wanted
    moved ||= command.verb === 'CWD'
  }
  return flights
}
