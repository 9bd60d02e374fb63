import { equal, notEqual, rejects } from 'node:assert/strict'
import type { promises } from 'node:fs'
import { everyServer, everywhere, otherwise, type Lack, type Row, type Stage, holds } from './row.js'

type Promises = typeof promises

/** What only `fs` or only `fs.promises` has, or both in two ways. */
type Other = 'open' | 'watch' | 'constants' | 'glob' | 'mkdtempDisposable'

type PathRows = { readonly [Name in Exclude<keyof Promises, Other>]: Row<[call: Promises[Name]]> }

const noOwner = everywhere('FTP has no command for the owner of a file')
const noSymlink: Lack = { on: ['vsftpd', 'pure-ftpd', 'pyftpdlib'], why: 'no SITE SYMLINK' }

const showsTarget: Lack = {
  on: ['pyftpdlib'],
  why: 'it shows what the link leads to, which is taken instead',
  code: otherwise,
}

const notOfLink = (what: string): readonly Lack[] => [
  {
    on: everyServer.filter(server => server !== 'pyftpdlib'),
    why: `FTP has no command for the ${what} of a link`,
  },
  showsTarget,
]

const text = ({ fs }: Stage, path: string): Promise<string> => fs.promises.readFile(path, 'utf8')
const time = 1_000_000_000

/** The functions that `fs` and `fs.promises` both have; each probe is made on either. */
export const pathRows: PathRows = {
  access: {
    probe: async ({ file, none }, access) => {
      await access(file)
      await rejects(access(none), { code: 'ENOENT' })
    },
    differs: 'existence is checked, whatever the mode: FTP does not tell what this user may do',
  },
  appendFile: {
    probe: async (stage, appendFile) => {
      await appendFile(stage.file, ' more')
      equal(await text(stage, stage.file), 'bytes more')
    },
    differs: 'resolves when the file is stored and its size is checked; the mode is left to the server',
  },
  chmod: {
    probe: async ({ fs, file }, chmod) => {
      await chmod(file, 0o640)
      equal((await fs.promises.lstat(file)).mode & 0o777, 0o640)
    },
    differs: 'SITE CHMOD',
  },
  chown: {
    probe: ({ file }, chown) => chown(file, 1, 1),
    lacks: noOwner,
    differs: 'see `unsupportedMetadata` above',
  },
  copyFile: {
    probe: async (stage, copyFile) => {
      await copyFile(stage.file, stage.none)
      equal(await text(stage, stage.none), 'bytes')
    },
    differs:
      'the bytes move through this machine; a new file has the mode that the server gives it; COPYFILE_FICLONE_FORCE is ENOTSUP',
  },
  cp: {
    probe: async (stage, cp) => {
      await cp(stage.folder, stage.none, { recursive: true })
      equal(await text(stage, `${stage.none}/inner`), 'inner')
    },
    differs:
      'the bytes move through this machine; a file that is replaced is overwritten in place, not removed first; ' +
      'COPYFILE_FICLONE_FORCE is ENOTSUP',
    apart: {
      'of a link': {
        probe: async ({ fs, link, none }, cp) => {
          await cp(link, none)
          holds((await fs.promises.lstat(none)).isSymbolicLink())
        },
        lacks: [{ ...noSymlink, on: ['vsftpd', 'pure-ftpd'] }, showsTarget],
      },
    },
  },
  lchmod: {
    probe: async ({ fs, file }, lchmod) => {
      await lchmod(file, 0o640)
      equal((await fs.promises.lstat(file)).mode & 0o777, 0o640)
    },
    differs: 'as `chmod`; Node has it on macOS alone',
    apart: {
      'of a link': {
        probe: async ({ fs, file, link }, lchmod) => {
          await lchmod(link, 0o640)
          notEqual((await fs.promises.lstat(file)).mode & 0o777, 0o640)
        },
        lacks: notOfLink('mode'),
      },
    },
  },
  lchown: { probe: ({ file }, lchown) => lchown(file, 1, 1), lacks: noOwner, differs: 'as `chown`' },
  link: { probe: ({ file, none }, link) => link(file, none), lacks: everywhere('FTP has no hard links') },
  lstat: {
    probe: async ({ file }, lstat) => equal((await lstat(file)).size, 5),
    differs: 'as `stat`',
    apart: {
      'of a link': {
        probe: async ({ link }, lstat) => holds((await lstat(link)).isSymbolicLink()),
        lacks: [showsTarget],
      },
    },
  },
  lutimes: {
    probe: async ({ fs, file }, lutimes) => {
      await lutimes(file, time, time)
      equal((await fs.promises.stat(file)).mtimeMs, time * 1000)
    },
    differs: 'as `utimes`',
    apart: {
      'of a link': {
        probe: async ({ fs, file, link }, lutimes) => {
          await lutimes(link, time, time)
          notEqual((await fs.promises.stat(file)).mtimeMs, time * 1000)
        },
        lacks: notOfLink('time'),
      },
    },
  },
  mkdir: {
    probe: async ({ fs, none }, mkdir) => {
      equal(await mkdir(`${none}/a/b`, { recursive: true }), none)
      holds((await fs.promises.stat(`${none}/a/b`)).isDirectory())
    },
    differs: 'the mode is left to the server',
  },
  mkdtemp: {
    probe: async ({ fs, none }, mkdtemp) => {
      const made = await mkdtemp(none)
      holds(made.length === none.length + 6 && (await fs.promises.stat(made)).isDirectory())
    },
    differs: 'the mode is left to the server: others may be able to read it',
  },
  opendir: {
    probe: async ({ folder }, opendir) => {
      const dir = await opendir(folder)
      equal((await dir.read())?.name, 'inner')
      await dir.close()
    },
    differs: 'as `Dir`',
  },
  readdir: {
    probe: async ({ folder }, readdir) => {
      const [entry] = await readdir(folder, { withFileTypes: true })
      holds(entry?.name === 'inner' && entry.isFile())
    },
  },
  readFile: {
    probe: async ({ file }, readFile) => equal(await readFile(file, 'utf8'), 'bytes'),
  },
  readlink: {
    probe: async ({ link }, readlink) => equal(await readlink(link), 'file'),
    differs: 'from listings; an absolute target below the root of the FtpVfs is told as a path in it',
  },
  realpath: {
    probe: async ({ link, file }, realpath) => equal(await realpath(link), file),
    differs: 'without links as far as the server tells them; `realpath.native` is the same function',
  },
  rename: {
    probe: async (stage, rename) => {
      await rename(stage.file, stage.none)
      equal(await text(stage, stage.none), 'bytes')
    },
  },
  rm: {
    probe: async ({ fs, folder }, rm) => {
      await rm(folder, { recursive: true })
      await rejects(fs.promises.stat(folder), { code: 'ENOENT' })
    },
  },
  rmdir: {
    probe: async ({ fs, folder }, rmdir) => {
      await rejects(rmdir(folder), { code: 'ENOTEMPTY' })
      await fs.promises.unlink(`${folder}/inner`)
      await rmdir(folder)
      await rejects(fs.promises.stat(folder), { code: 'ENOENT' })
    },
  },
  stat: {
    probe: async ({ file, folder }, stat) => {
      equal((await stat(file)).size, 5)
      holds((await stat(folder)).isDirectory())
    },
    differs: 'as `Stats`',
  },
  statfs: {
    probe: async ({ folder }, statfs) => holds((await statfs(folder)).bsize > 0),
    lacks: everywhere(
      'as they are set up here: it needs AVBL, or SITE QUOTA, which ProFTPD has with mod_quotatab',
    ),
    differs: '`type` is 0, `bsize` 4096; of AVBL, `blocks` is what is free',
  },
  symlink: {
    probe: async ({ fs, file, none }, symlink) => {
      await symlink(file, none)
      equal(await fs.promises.readlink(none), file)
    },
    lacks: [noSymlink],
    differs:
      'SITE SYMLINK (ProFTPD with mod_site_misc): the target becomes an absolute path, and has to exist, else ENOTSUP',
  },
  truncate: {
    probe: async (stage, truncate) => {
      await truncate(stage.file, 2)
      equal(await text(stage, stage.file), 'by')
    },
    differs: 'the bytes that stay move through this machine',
  },
  unlink: {
    probe: async ({ fs, file }, unlink) => {
      await unlink(file)
      await rejects(fs.promises.stat(file), { code: 'ENOENT' })
    },
  },
  utimes: {
    probe: async ({ fs, file }, utimes) => {
      await utimes(file, time, time)
      equal((await fs.promises.stat(file)).mtimeMs, time * 1000)
    },
    differs: 'whole seconds; the time of access is not kept. MFMT, on vsftpd MDTM',
    apart: {
      'of a folder': {
        probe: ({ folder }, utimes) => utimes(folder, time, time),
        lacks: [
          { on: ['vsftpd'], why: 'its MDTM is for files alone' },
          { on: ['pyftpdlib'], why: 'its MFMT is for files alone' },
        ],
      },
    },
  },
  writeFile: {
    probe: async (stage, writeFile) => {
      await writeFile(stage.none, 'new')
      equal(await text(stage, stage.none), 'new')
    },
    differs:
      'resolves when the file is stored and its size is checked; of the mode only that a new file may be run is kept (SITE CHMOD)',
  },
}
