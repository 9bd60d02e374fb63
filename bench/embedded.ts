import type fs from 'node:fs'
import { startEmbeddedServer, type EmbeddedServer } from '../spec/support/embedded-server.js'
import type { Work } from './amounts.js'
import { answer } from './child.js'
import { layFiles, renewUploads, uploaded, type ServerFiles } from './server-files.js'

/** To the embedded server's process: first `lay`, which starts it; its answer is a Login. */
export type EmbeddedQuestion =
  | { lay: ServerFiles; host: string; noDelay: boolean }
  | { renew: true; tree: Work | undefined }
  | { look: true }

let server: EmbeddedServer | undefined

/** Child process: the embedded server, with its files in memory. */
answer(async (question: EmbeddedQuestion) => {
  server ??= await startEmbeddedServer('host' in question ? question : {})
  const files = server.fs as unknown as typeof fs
  if ('renew' in question) return renewUploads(files, '/', question.tree)
  if ('look' in question) return uploaded(files, '/')
  layFiles(files, '/', question.lay)
  const { host, port, user, password } = server
  return { host, port, user, password }
})
