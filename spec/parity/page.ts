import { fileHandleRows } from './file-handle.js'
import { functionRows, otherRows, promiseRows } from './functions.js'
import { pathRows } from './paths.js'
import { everyServer, servers, otherwise, type Lack, type Row, type Rows } from './row.js'

/** Where the page lies. */
export const pageFile = new URL('../../docs/fs-parity.md', import.meta.url)

/** docs/fs-parity.md, as the tables say it. */
export function page(): string {
  return `# Parity with \`node:fs\`

Every name of \`node:fs\`, \`fs.promises\` and \`FileHandle\`: whether it works in \`vfs.fs\`, on which servers, and what differs from Node on Linux.
What is not mentioned is meant to be as in Node: arguments, results, errors and their codes. What names of files a server takes is its own matter.

\`npm run docs:parity\` writes this page from the tables in \`spec/parity/\`. Each of their rows has a probe, which the tests run on
${Object.values(servers).join(', ')}: "yes" means that it works on all of them. What does not work
fails with \`ENOTSUP\`, unless something else is said. The tests fail for a name that Node has and the tables have not, tried with Node 20, 22 and 24.
pyftpdlib stands for servers that are not known. ftp-srv is the one embedded in the tests, which add MFMT and SITE SYMLINK to it; ProFTPD has its
mod_site_misc.

The methods of \`FtpVfs\` are those of \`fs.promises\`, with one difference: where a server cannot keep owner, mode or times, \`FtpVfs\` throws \`ENOTSUP\`,
and \`vfs.fs\` passes over it with one warning. The option \`unsupportedMetadata\` sets one of the two for both; the tables tell what is so with \`throw\`.

## \`fs\` and \`fs.promises\`

The functions with a callback and those with a promise.

${table(pathRows)}

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

function table(rows: Rows<never[]>): string {
  const lines = Object.entries(rows).map(([name, row]) => {
    const names = name.split(', ').map(each => `\`${each}\``)
    const since = row.since === undefined ? '' : ` (since Node ${row.since})`
    return `| ${names.join(', ')}${since} | ${works(row)} | ${row.differs ?? ''} |`
  })
  return ['| name | works | what differs |', '|---|---|---|', ...lines].join('\n')
}

function works({ lacks, missing, apart = {} }: Row<never[]>): string {
  if (missing) return 'no'
  const parts = Object.entries(apart).map(([what, { lacks }]) => `${what}: ${answer(lacks)}`)
  return [answer(lacks), ...parts].join('; ')
}

function answer(lacks: readonly Lack[] = []): string {
  if (lacks.length === 0) return 'yes'
  const nowhere = lacks.flatMap(({ on }) => on).length === everyServer.length
  const told = lacks.map(({ on, why, code }) => {
    const reason = code === undefined || code === otherwise ? why : `${why}: \`${code}\``
    const where = on.map(server => servers[server].split(' ')[0]).join(', ')
    if (!nowhere) return `${where} (${reason})`
    return on.length === 1 ? `${where}: ${reason}` : reason
  })
  return nowhere ? `no (${told.join('; ')})` : `not on ${told.join(', ')}`
}
