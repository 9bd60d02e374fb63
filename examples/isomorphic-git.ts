// A git repository whose working tree and `.git` both lie on an FTP server, by isomorphic-git.
// With one `cache` for all calls the index and packs are parsed once, not for every call.
import git from 'isomorphic-git'
import http from 'isomorphic-git/http/node'
import type { FtpVfs } from 'ftp-vfs'

export type Author = { name: string; email: string; timestamp?: number; timezoneOffset?: number }

/** Makes a repository and commits what is in the folder. */
export async function initialCommit({ fs }: FtpVfs, dir: string, author: Author): Promise<string> {
  const repository = { fs, dir, cache: {} }
  await git.init({ ...repository, defaultBranch: 'main' })
  await git.add({ ...repository, filepath: '.' })
  return git.commit({ ...repository, message: 'First', author })
}

/** Commits files on a branch of their own, and merges that. */
export async function commitOnBranch(
  { fs }: FtpVfs,
  dir: string,
  branch: string,
  files: Record<string, string>,
  author: Author,
): Promise<void> {
  const repository = { fs, dir, cache: {} }
  const main = (await git.currentBranch(repository))!
  await git.branch({ ...repository, ref: branch, checkout: true })
  for (const [name, content] of Object.entries(files)) await fs.promises.writeFile(`${dir}/${name}`, content)
  await git.add({ ...repository, filepath: Object.keys(files) })
  await git.commit({ ...repository, message: `On ${branch}`, author })
  await git.checkout({ ...repository, ref: main })
  await git.merge({ ...repository, ours: main, theirs: branch, author })
  await git.checkout({ ...repository, ref: main })
}

export async function history({ fs }: FtpVfs, dir: string): Promise<string[]> {
  return (await git.log({ fs, dir })).map(({ oid, commit }) => `${oid} ${commit.message.trimEnd()}`)
}

/** Each file with a number for HEAD, the working tree and the index. */
export function status({ fs }: FtpVfs, dir: string): ReturnType<typeof git.statusMatrix> {
  return git.statusMatrix({ fs, dir })
}

export function clone({ fs }: FtpVfs, dir: string, url: string): Promise<void> {
  return git.clone({ fs, http, dir, url, cache: {} })
}
