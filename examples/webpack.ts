// Builds with webpack from local sources straight onto the server.
import { promisify } from 'node:util'
import webpack, { type Configuration, type Stats } from 'webpack'
import type { FtpVfs } from 'ftp-vfs'

/** `configuration.output.path` is a folder on the server. */
export async function build({ fs }: FtpVfs, configuration: Configuration): Promise<Stats> {
  const compiler = webpack(configuration)
  compiler.outputFileSystem = fs
  const stats = (await promisify(compiler.run.bind(compiler))())!
  await promisify(compiler.close.bind(compiler))()
  if (stats.hasErrors()) throw new Error(stats.toString('errors-only'))
  return stats
}
