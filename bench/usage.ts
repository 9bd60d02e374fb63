import { contestantNames } from './contestants/index.js'
import { scenarioNames } from './scenarios.js'
import { serverNames, tlsModes } from './servers.js'

export const usage = `Usage: npm run bench [-- options]

Measures ftp-vfs beside basic-ftp, with one client and with several of which a loop by hand
makes use, and beside lftp, rclone and curl where they are installed. All take turns, each
run in a process of its own; medians are shown.

  --servers <names>      ${serverNames.join(', ')}
                         (default: vsftpd where it can be started, else embedded)
  --contestants <names>  ${contestantNames.join(', ')}
                         (default: all)
  --rtt <milliseconds>   round-trip times to add (default: 0,40)
  --proxy                adds them with a delaying proxy, as it is where there is no slow link:
                         real TCP between two network namespaces (Linux, root, cc)
  --tls <modes>          ${tlsModes.join(', ')}: in the clear, over explicit TLS (default: both, over TLS
                         the big and the small files only). The proxy adds no round-trip time
                         to TLS, and the embedded server has none
  --scenarios <names>    ${inLines(scenarioNames, 5).join('\n                         ')}
                         or their first words (default: all)
  --connections <counts> (default: 1,4,8)
  --repeat <count>       runs of which the median counts (default: 2; of some scenarios, and over TLS unless
                         that is asked for: 1)
  --quick                little work, one run, 1 and 4 connections
  --json                 prints JSON instead of the table
  --output <file>        writes the JSON to a file, too
  --profile <folder>     writes a CPU profile of each run of ftp-vfs and basic-ftp (.cpuprofile)
  --help

Lists are separated by commas. A memory scenario watches ftp-vfs alone and is in the peak RSS column.
`

function inLines(names: string[], each: number): string[] {
  const count = Math.ceil(names.length / each)
  return Array.from(
    { length: count },
    (_, line) => `${names.slice(line * each, (line + 1) * each).join(', ')},`,
  )
}
