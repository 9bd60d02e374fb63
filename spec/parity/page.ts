import { fileHandleRows } from './file-handle.js'
import { functionRows, otherRows, promiseRows } from './functions.js'
import { pathRows } from './paths.js'
import { everyServer, servers, otherwise, type Lack, type Row, type ServerName } from './row.js'

/** Where the page lies. */
export const pageFile = new URL('../../docs/fs-parity.md', import.meta.url)

/** docs/fs-parity.md, as the tables say it. */
export function page(): string {
  return `# Parity with \`node:fs\`

Every name of \`node:fs\`, \`fs.promises\` and \`FileHandle\`: whether it works in \`vfs.fs\`, on which servers, and what differs from Node on Linux.
What is not mentioned is as in Node: arguments, results, errors and their codes.

\`npm run docs:parity\` writes this page from the tables in \`spec/parity/\`. Each of their rows has a probe, which the tests run on
${Object.values(servers).join(', ')}: "yes" means that it works on all of them, and where it does not, it fails with \`ENOTSUP\`,
or the code that is named. A name that Node has and the tables have not fails the tests. pyftpdlib stands for servers that are not known. ftp-srv is the
server embedded in the tests; MFMT and SITE SYMLINK were added to it.

The methods of \`FtpVfs\` are those of \`fs.promises\`, with one difference: where a server cannot keep owner, mode or times, \`FtpVfs\` throws \`ENOTSUP\`,
and \`vfs.fs\` passes over it with one warning. The option \`unsupportedMetadata\` sets one of the two for both; the tables tell what is so with \`throw\`.

## \`fs\` and \`fs.promises\`

The functions with a callback and those with a promise.

${table(pathRows as Readonly<Record<string, Row<never>>>)}

## \`fs\` alone

${table(functionRows)}

## \`fs\`: classes, constants and synchronous functions

${table(otherRows)}
| every name in \`Sync\` | no | \`ENOTSUP\`: FTP cannot be used synchronously. They are there, so that nobody fills them in from the real \`fs\` |

## \`fs.promises\` alone

${table(promiseRows)}

## FileHandle

Files are consistent from close to open, as in NFS: a handle sees the file as it was when it was opened or last looked at by \`stat\`, and
what it has written itself. A handle cannot be transferred to a worker.

${table(fileHandleRows)}
`
}

function table<Given extends unknown[]>(rows: Readonly<Record<string, Row<Given>>>): string {
  const lines = Object.entries(rows).map(([name, row]) => {
    const names = name.split(', ').map(each => `\`${each}\``)
    const since = row.since === undefined ? '' : ` (Node ${row.since})`
    return `| ${names.join(', ')}${since} | ${works(row)} | ${row.differs ?? ''} |`
  })
  return ['| name | works | what differs |', '|---|---|---|', ...lines].join('\n')
}

function works<Given extends unknown[]>({ lacks, missing, apart = {} }: Row<Given>): string {
  if (missing) return 'no'
  const parts = Object.entries(apart).map(([what, { lacks }]) => `${what}: ${answer(lacks)}`)
  return [answer(lacks), ...parts].join('; ')
}

function answer(lacks: readonly Lack[] = []): string {
  if (lacks.length === 0) return 'yes'
  const nowhere = lacks.flatMap(({ on }) => on).length === everyServer.length
  // What is the same nearly everywhere goes without the names of servers.
  const told = lacks.map(({ on, why, code }) => {
    const reason = code === undefined || code === otherwise ? why : `${why}; \`${code}\``
    return nowhere && on.length > 1 ? reason : `${on.map(shortName).join(', ')}: ${reason}`
  })
  return `${nowhere ? 'no' : 'not everywhere'} (${told.join('; ')})`
}

const shortName = (server: ServerName): string => servers[server].split(' ')[0]!
