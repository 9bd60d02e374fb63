import { posix } from 'node:path'
import type { CommandContext, Handler } from '../../support/scripted-server.js'

/** The lines of `ls -la` of a folder, as vsftpd 3.0.3 writes them. `sizes`: of folders, in bytes, else 4096. */
export function folderLines(
  { server }: CommandContext,
  folder: string,
  sizes: Record<string, number> = {},
): string[] {
  const line = (name: string, path: string): string => {
    const content = server.files.get(path)?.content
    const isFolder = content === 'dir' || content === undefined
    const size = isFolder ? (sizes[path] ?? 4096) : content.length
    return `${isFolder ? 'drwxr-xr-x' : '-rw-r--r--'}    2 1000     1000     ${size} Jan 02  2020 ${name}`
  }
  const below = [...server.files.keys()].filter(path => path !== '/' && posix.dirname(path) === folder)
  return [line('.', folder), line('..', '/'), ...below.map(path => line(posix.basename(path), path))]
}

/** Answers STAT as vsftpd 3.0.3 does: a folder's listing, a file's line, or nothing. */
export function statLikeVsftpd(sizes?: Record<string, number>): Handler {
  return ctx => {
    const path = ctx.argument.replace(/^-a /, '')
    const content = ctx.server.files.get(path)?.content
    const all =
      content === 'dir' ? folderLines(ctx, path, sizes) : content ? folderLines(ctx, path).slice(0, 1) : []
    const told =
      content === 'dir'
        ? all
        : all.map(() => `-rw-r--r--    1 1000     1000     1 Jan 02  2020 ${posix.basename(path)}`)
    ctx.reply(statReply(told))
  }
}

export function statReply(lines: readonly string[]): string {
  return ['213-Status follows:', ...lines, '213 End of status'].join('\r\n')
}

/** Answers `LIST -a` as the known servers do: with `.`, and with the sizes of folders. */
export function listWithSizes(sizes?: Record<string, number>): Handler {
  return ctx => ctx.send(folderLines(ctx, ctx.connection.cwd, sizes).map(line => `${line}\r\n`))
}
