import type { Question } from '../pool/question.js'
import type { Call } from '../pool/call.js'
import { refuseUnsafeNames } from './names/unsafe-names.js'
import type { Remote } from './remote.js'
import { serverCommand } from './server-file.js'
import { withMaskedLine } from './masked-line.js'

/**
 * Asks the server. The commands of the question name virtual paths. Throws EINVAL, without sending,
 * if the server would read a path as another one.
 */
export function ask<T>(remote: Remote, call: Call, question: Question<T>): Promise<T> {
  return remote.pool.ask(call, {
    ...question,
    commands: server => {
      const commands = question.commands(server)
      for (const { path } of commands) refuseUnsafeNames(remote, path)
      return commands.map(command => serverCommand(remote, command))
    },
    answer: (...given) => {
      try {
        return question.answer(...given)
      } catch (error) {
        throw withMaskedLine(remote, error)
      }
    },
  })
}
