import { createFsFromVolume, type Volume } from 'memfs'
import { nameFromBytes, nameToBytes } from '../support/memfs-file-system.js'
import type { Outside } from './target.js'

/** The files of the embedded server, by the bytes of their names. */
export function memfsOutside(volume: Volume): Outside['fs'] {
  const promises = createFsFromVolume(volume).promises as unknown as Outside['fs']
  const text = (path: unknown): string =>
    Buffer.isBuffer(path) ? path.toString('latin1').split('/').map(nameFromBytes).join('/') : String(path)
  const methods = ['chmod', 'lstat', 'mkdir', 'readFile', 'rm', 'stat', 'utimes', 'writeFile'] as const
  const fs = Object.fromEntries(
    methods.map(method => {
      const call = (promises[method] as (path: string, ...rest: unknown[]) => Promise<unknown>).bind(promises)
      return [method, (path: unknown, ...rest: unknown[]) => call(text(path), ...rest)]
    }),
  )
  return {
    ...fs,
    symlink: (target: string, path: string) => promises.symlink(target, text(path)),
    readdir: async (path: unknown, options?: { encoding?: string }) => {
      const names = await promises.readdir(text(path))
      return options?.encoding === 'buffer'
        ? names.map(name => Buffer.from(nameToBytes(name), 'latin1'))
        : names
    },
  } as Outside['fs']
}
