import type { ByteString } from '../../lib/wire/names/names.js'
import { Refusal, type Handler, type Script } from './script.js'

/** What was said of a command: replies, bytes of a transfer, and what was said behind them. */
interface Exchange {
  readonly before: string[]
  readonly data: string[]
  readonly behind: string[]
}

const form = /^(?:ftp-vfs )?(?:#\d+ )?([<>|]) ?(.*)$/

/**
 * A script from the log of a dialog (`logToConsole`): lines of `> command` and `< reply`, and
 * `| line` for the lines of a listing or file that came meanwhile. Other lines are left out.
 *
 * A command that comes more often than it is there gets the last of its replies again; one that is
 * not there gets the default's. So do EPSV and PASV, whose ports are none of this machine, where
 * they were answered by one.
 */
export function transcript(text: string): Pick<Script, 'greeting' | 'on'> {
  const greeting: string[] = []
  const exchanges = new Map<ByteString, Exchange[]>()
  let current: Exchange | undefined
  for (const line of text.split('\n')) {
    const [, sign, said = ''] = form.exec(line.trim()) ?? []
    if (sign === '>') {
      current = { before: [], data: [], behind: [] }
      exchanges.set(said, [...(exchanges.get(said) ?? []), current])
    } else if (sign === '|') current?.data.push(said)
    else if (sign === '<')
      (!current ? greeting : current.data.length > 0 ? current.behind : current.before).push(said)
  }
  const verbs = new Set([...exchanges.keys()].map(line => line.split(' ', 1)[0]!))
  const on = Object.fromEntries([...verbs].map(verb => [verb, played(exchanges)]))
  return greeting.length > 0 ? { greeting, on } : { on }
}

function played(exchanges: ReadonlyMap<ByteString, Exchange[]>): Handler {
  return async ctx => {
    const left = exchanges.get(ctx.line)
    const exchange = left && (left.length > 1 ? left.shift() : left[0])
    if (!exchange || (/^(?:EPSV|PASV)/.test(ctx.line) && exchange.before[0]?.startsWith('22')))
      return ctx.next()
    const { before, data, behind } = exchange
    const say = (lines: string[]): void => void (lines.length > 0 && ctx.connection.reply(lines.join('\r\n')))
    if (data.length > 0) {
      const socket = await ctx.data
      say(before)
      socket.end(data.map(line => `${line}\r\n`).join(''), 'latin1')
      return say(behind)
    }
    // What it does to the session and the tree, without what it says.
    ctx.reply = () => {}
    if (/^[23]/.test(before[0] ?? '')) await ctx.next().catch(ignoreRefusal)
    say(before)
  }
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof Refusal)) throw error
}
