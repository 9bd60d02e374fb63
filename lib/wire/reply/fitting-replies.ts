import type { Command } from '../session/command.js'
import { parseMlstReply } from '../listing/mlsd-line.js'
import { basename, type ByteString } from '../names/names.js'
import { replyText, type Reply } from './replies.js'
import { parseTimeVal } from '../time/time-val.js'

/** The commands that use a data connection. */
const transfers = new Set(['RETR', 'STOR', 'STOU', 'APPE', 'LIST', 'NLST', 'MLSD'])
const logins = new Set(['USER', 'PASS', 'ACCT', 'AUTH', 'PBSZ', 'PROT'])
const ports = new Set(['PASV', 'EPSV'])
const hashes = new Set(['HASH', 'MD5', 'XMD5', 'XCRC', 'XSHA', 'XSHA1', 'XSHA256', 'XSHA512', 'MMD5'])

/**
 * Positive codes that only some commands have (RFC 959, section 5.4, and the practice of servers).
 * Any other code may reply to any command that is not in `strict`.
 */
const owners: ReadonlyMap<number, (name: string) => boolean> = new Map([
  [211, oneOf('FEAT', 'STAT', 'HELP', 'SITE', 'OPTS')],
  [212, oneOf('STAT')],
  [213, name => hashes.has(name) || oneOf('SIZE', 'MDTM', 'STAT', 'MFMT', 'MFF', 'AVBL', 'SITE')(name)],
  [214, oneOf('HELP', 'FEAT', 'SITE')],
  [215, oneOf('SYST')],
  [220, () => false],
  [221, oneOf('FEAT')],
  [225, name => transfers.has(name)],
  [226, name => transfers.has(name) || oneOf('STAT', 'SITE')(name)],
  [227, name => ports.has(name)],
  [228, name => ports.has(name)],
  [229, name => ports.has(name)],
  [230, name => logins.has(name)],
  [232, name => logins.has(name)],
  [234, name => logins.has(name)],
  [235, name => logins.has(name)],
  [257, oneOf('PWD', 'MKD', 'CWD', 'AVBL', 'SITE')],
  [331, name => logins.has(name)],
  [332, name => logins.has(name) || transfers.has(name)],
  [334, name => logins.has(name)],
  [336, name => logins.has(name)],
  [350, oneOf('REST', 'RNFR', 'DELE', 'RMD', 'SITE')],
])

/** The only positive codes of commands whose reply carries a value. */
const strict: ReadonlyMap<string, readonly number[]> = new Map([
  ['SIZE', [213]],
  ['MLST', [250]],
  ['EPSV', [227, 228, 229]],
  ['PASV', [227, 228, 229]],
  ['PWD', [257, 250]],
  ['SYST', [215, 200]],
  ['REST', [350, 200, 250]],
  ['RNTO', [250, 200, 257]],
])

function oneOf(...names: string[]): (name: string) => boolean {
  return name => names.includes(name)
}

/**
 * Whether a reply can be the reply to this command; false if it certainly belongs to another. Every
 * refusal (4yz, 5yz) fits, and so does a fitting code with unreadable text: that reply is useless,
 * but not out of step.
 */
export function fits(command: Command, reply: Reply): boolean {
  const { code } = reply
  // 202 marks any command as superfluous at this site (RFC 959, section 4.2.2).
  if (code >= 400 || code === 202) return true
  const [name] = nameAndArgument(command)
  // A preliminary reply decides nothing: the final reply follows.
  if (code < 200) return true
  if (strict.get(name)?.includes(code) === false) return false
  if (owners.get(code)?.(name) === false) return false
  return textFits(command, reply)
}

/** Whether a reply is a further part of the greeting, which precedes all replies to the login. */
export const isGreeting = ({ verb }: Command, { code }: Reply): boolean =>
  code === 220 && /^(?:AUTH|USER|PASS|ACCT)\b/.test(verb)

/** Whether a command other than a transfer makes, renames, changes or removes something. */
export const isChange = ({ verb }: Command): boolean =>
  /^(?:DELE|RMD|MKD|RNTO|MFMT|MFF|SITE|MDTM \d+)(?: |$)/.test(verb)

/** Whether a command uses a data connection. */
export const isTransfer = (command: Command): boolean => transfers.has(nameAndArgument(command)[0])

function nameAndArgument({ verb }: Command): [name: string, argument: string | undefined] {
  const space = verb.indexOf(' ')
  return space < 0 ? [verb, undefined] : [verb.slice(0, space), verb.slice(space + 1)]
}

function textFits(command: Command, reply: Reply): boolean {
  const [name, argument] = nameAndArgument(command)
  if (name === 'SIZE' && reply.code === 213) return mayBeSize(reply)
  // MDTM with a time sets it, and any reply is possible.
  if (name === 'MDTM' && argument === undefined) return reply.code === 213 && mayBeTime(reply)
  if (name === 'MLST') return namesSame(command.path, reply)
  if (reply.code === 250 && describes(reply)) return name === 'STAT'
  if (name === 'PWD' && reply.code === 250) return /["/\\]/.test(replyText(reply))
  return true
}

// STAT and MFMT reply 213 too. A size of 14 digits that form a valid date would be about 20 TB.
function mayBeSize(reply: Reply): boolean {
  const text = replyText(reply)
  return reply.lines.length === 1 && parseTimeVal(text) === undefined && !/\w=/.test(text)
}

function mayBeTime(reply: Reply): boolean {
  const text = replyText(reply)
  const number = /^\d+$/.test(text) && text.length !== 14 && text.length !== 15
  return reply.lines.length === 1 && !number && !/\w=/.test(text)
}

/** Whether it is a reply to MLST, with facts between its first line and its last. */
const describes = ({ lines }: Reply): boolean => lines.length === 3 && /^ ?\w[\w.]*=[^;]*;/.test(lines[1]!)

/**
 * Whether the entry in a reply to MLST has the name of the command's path: folder, case and
 * encoding may differ.
 */
function namesSame(path: ByteString | undefined, { lines }: Reply): boolean {
  if (path === undefined) return true
  let named: ByteString
  try {
    named = parseMlstReply(lines.slice(1, -1)).name
  } catch {
    return true
  }
  const asked = basename(path)
  if (asked === '') return true
  // `\` separates folders on Windows, but may be part of a name elsewhere.
  return [named, named.replaceAll('\\', '/')].some(path => {
    const name = basename(path.replace(/(?<=.)\/$/, ''))
    return name === '' || name === '.' || asked === name || sameLetters(asked, name)
  })
}

// Other characters may come in another encoding or normal form, quoted or replaced.
function sameLetters(a: ByteString, b: ByteString): boolean {
  const letters = (name: ByteString): string => name.replace(/[^a-z0-9]/gi, '').toLowerCase()
  return letters(a) === letters(b)
}
