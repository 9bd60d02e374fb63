import type { Results, Row } from './results.js'

/** What is to be known about the figures that are there, and no more. */
export function notes({ rows, delay, because, versions, absent }: Results): string {
  const of = (scenario: string) => rows.some(row => row.scenario.startsWith(scenario))
  const by = (contestant: string) => rows.some(row => row.contestant.startsWith(contestant))
  const programs = Object.keys(versions)
  const far = rows.some(({ rtt }) => rtt > 0)
  const lines = [
    'Rates are medians of runs that took turns (of some scenarios, and over TLS, there is one run); 1 MB is 10⁶ bytes. ftp-vfs and basic-ftp: from when every connection was logged in.',
    programs.length > 0 &&
      `${list(programs)}: whole processes, their start and login included; beside them the login of ftp-vfs counts, too, but not the start of Node.`,
    '× and a name: the rate of ftp-vfs by the best of that peer, with any number of connections. × same: by the best peer with as many.',
    ...absent.map(program => `${program} is not installed and left out.`),
    `ftp-vfs asks for the size of what it stored, and of what it reads${by('rclone') ? '; rclone of what it stored' : ''}. No other does.`,
    of('small') &&
      programs.length > 0 &&
      `Small files are in memory in ftp-vfs and basic-ftp, and local files in memory (tmpfs) of ${list(programs)}.`,
    of('stat') && 'A stat of ftp-vfs tells a folder from a file; of the others it is SIZE and MDTM.',
    of('list') &&
      by('lftp') &&
      'lftp (ls) and curl print lines as they come; the others tell names and types.',
    of('tree') && by('lftp') && 'lftp find tells names, one connection. curl knows no trees.',
    of('small') && by('lftp') && 'lftp mirror sets the times of what it stored; lftp-async does not.',
    rows.some(({ tls }) => tls !== 'none') &&
      (by('curl') || by('rclone')) &&
      'Over TLS rclone and curl have one connection: with more, curl fails on vsftpd and ProFTPD, and rclone on ProFTPD.',
    peak(rows),
    far && `Delay: ${delay === 'proxy' ? `a proxy, which TLS does not pass (${because})` : real}`,
    far && 'RTT: elapsed / round-trip time × connections / files, or, in all, elapsed / round-trip time.',
    far &&
      'With a delay there are fewer small files, as many for each connection; what peers would need minutes for is left out.',
  ]
  return lines.filter(line => typeof line === 'string').join('\n')
}

const real = 'a slow link: real TCP between two network namespaces.'

function peak(rows: Row[]): string {
  const bases = rows.flatMap(({ baseRss }) => (baseRss === undefined ? [] : [Math.round(baseRss / 2 ** 20)]))
  const [min, max] = [Math.min(...bases), Math.max(...bases)]
  const range = min === max ? min : `${min} to ${max}`
  return `Peak RSS: of each run's process${bases.length ? `; ${range} MiB of it are there in Node before the first byte` : ''}.`
}

function list(names: string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
