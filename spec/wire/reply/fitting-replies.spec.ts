import t from 'tap'
import { command, type Command } from '../../../lib/wire/session/command.js'
import { fits, isGreeting, isTransfer } from '../../../lib/wire/reply/fitting-replies.js'
import type { Reply } from '../../../lib/wire/reply/replies.js'

const reply = (...lines: string[]): Reply => ({ code: Number(lines[0]!.slice(0, 3)), lines })
const size = command('SIZE', '/d/a')
const time = command('MDTM', '/d/a')
const facts = command('MLST', '/d/a')
const described = (name: string) => reply('250-Listing', ` type=file;size=3; ${name}`, '250 End')

await t.test('a reply that certainly belongs to another command', async t => {
  const rows: [string[], ...string[]][] = [
    [['226 Transfer complete'], 'SIZE', 'MDTM', 'MLST', 'EPSV', 'PASV', 'PWD', 'CWD', 'DELE', 'RNFR', 'USER'],
    [['200 Done'], 'SIZE', 'MDTM', 'MLST', 'EPSV', 'PASV', 'PWD'],
    [['250 Done'], 'SIZE', 'MDTM', 'EPSV', 'PASV', 'PWD', 'SYST'],
    [['227 Entering Passive Mode (127,0,0,1,4,5)'], 'SIZE', 'MDTM', 'MLST', 'DELE', 'RETR', 'NOOP', 'REST 5'],
    [['229 Entering (|||5|)'], 'SIZE', 'MDTM', 'MLST', 'DELE', 'RETR', 'NOOP', 'REST 5'],
    [['213 20200102030405'], 'SIZE', 'DELE', 'CWD', 'EPSV', 'PWD', 'RNTO', 'STOR'],
    [['213-Status:', ' -rw-r--r-- a', '213 End'], 'SIZE', 'MDTM'],
    [['213 Modify=20200102030405; a'], 'SIZE', 'MDTM'],
    [['213 1234'], 'MDTM', 'MLST', 'DELE'],
    [['257 "/"'], 'SIZE', 'MDTM', 'MLST', 'EPSV', 'DELE', 'TYPE I', 'RETR'],
    [['230 Logged in'], 'TYPE I', 'FEAT', 'SIZE', 'CWD'],
    [['331 Password'], 'RNFR', 'REST 5', 'CWD', 'TYPE I'],
    [['350 Restarting at 5'], 'SIZE', 'RNTO', 'CWD', 'RETR', 'EPSV', 'NOOP'],
    [['211-Features:', ' SIZE', '211 End'], 'SYST', 'PWD', 'TYPE I', 'SIZE'],
    [['215 UNIX Type: L8'], 'FEAT', 'PWD', 'SIZE', 'TYPE I'],
    [['220 Welcome'], 'USER u', 'TYPE I', 'SIZE', 'NOOP'],
  ]
  for (const [lines, ...verbs] of rows)
    for (const verb of verbs) t.notOk(fits(command(verb, '/d/a'), reply(...lines)), `${verb}: ${lines[0]}`)
  t.notOk(fits(facts, described('/d/b')), 'MLST of another name')
  for (const verb of ['DELE', 'CWD', 'RMD', 'RNTO'])
    t.notOk(fits(command(verb, '/d/a'), described('/d/a')), verb)
})

await t.test('a reply that some server may send to the command', async t => {
  const rows: [string[], ...string[]][] = [
    [['226 Transfer complete'], 'RETR', 'STOR', 'APPE', 'LIST -a', 'NLST', 'MLSD', 'STAT'],
    [['200 OK'], 'CWD', 'DELE', 'MKD', 'RMD', 'RNTO', 'TYPE I', 'NOOP', 'OPTS UTF8 ON', 'SITE CHMOD 644'],
    [['250 OK'], 'CWD', 'DELE', 'MKD', 'RMD', 'RNTO', 'TYPE I', 'NOOP', 'RETR', 'STOR', 'RNFR'],
    [['257 "/d" is the current directory'], 'PWD', 'MKD', 'CWD'],
    [['250 "/" is current directory'], 'PWD'],
    [['229 Entering (|||5|)'], 'EPSV'],
    [['227 Entering (127,0,0,1,4,5)'], 'PASV', 'EPSV'],
    [['213 12'], 'SIZE', 'XMD5', 'AVBL', 'MFMT 20200102030405', 'MDTM 20200102030405'],
    [['213 Modify=20200102030405; a'], 'MFMT 20200102030405', 'MDTM 20200102030405'],
    [['230 Logged in'], 'USER u', 'PASS p', 'ACCT a'],
    [['234 Begin'], 'AUTH TLS'],
    [['200 Begin'], 'AUTH TLS'],
    [['350 Ready'], 'REST 5', 'RNFR'],
    [['150 Here it comes'], 'RETR', 'SIZE'],
    [['202 Superfluous'], 'EPSV', 'SIZE', 'DELE', 'OPTS UTF8 ON'],
  ]
  for (const [lines, ...verbs] of rows)
    for (const verb of verbs) t.ok(fits(command(verb, '/d/a'), reply(...lines)), `${verb}: ${lines[0]}`)
})

await t.test('a refusal fits any command', async t => {
  for (const each of [size, time, facts, command('PWD'), command('USER u')])
    for (const text of ['421 Bye', '450 Later', '500 What?', '502 No', '530 Log in', '550 No'])
      t.ok(fits(each, reply(text)), `${each.verb}: ${text}`)
})

await t.test('a fitting code with unreadable text is not out of step', async t => {
  t.ok(fits(size, reply('213 about 5 bytes')))
  t.ok(fits(time, reply('213 yesterday')))
  t.ok(fits(time, reply('213 00000000000000')), 'a device without a clock')
  t.ok(fits(facts, reply('250 Directory changed')))
})

await t.test('the entry must have the same last name, whatever else differs', async t => {
  const same = (path: string, ...names: string[]) => {
    for (const name of names) t.ok(fits(command('MLST', path), described(name)), `${path}: ${name}`)
  }
  same('/d/a b', 'a b', '/d/a b', '/home/u/d/A B', 'd\\a b', '/d/a b/')
  same('/d/\xc3\xa4x', '\xe4x', '?x', 'X')
  same('/d/say "a"', 'say a', 'say ""a""')
  same('/', '/', '/home/u', 'u', '.')
  same('/d', '.')
  t.ok(fits(command('MLST', '/d/x\\y'), described('x\\y')), 'a name with `\\`')
  t.notOk(fits(command('MLST', '/d/a1'), described('a10')))
  t.notOk(fits(command('MLST', '/d/a1'), described('/d/a2')))
})

t.test('a second part of the greeting', async t => {
  for (const verb of ['USER u', 'PASS p', 'ACCT a', 'AUTH TLS'])
    t.ok(isGreeting(command(verb), reply('220 Welcome')), verb)
  t.notOk(isGreeting(command('USER u'), reply('230 Welcome')))
  t.notOk(isGreeting(command('TYPE I'), reply('220 Welcome')))
})

t.test('commands that use a data connection', async t => {
  const moves = (each: Command) => isTransfer(each)
  t.ok(['RETR', 'STOR', 'APPE', 'MLSD', 'LIST -a', 'NLST'].map(verb => command(verb)).every(moves))
  t.notOk(['SIZE', 'REST 5', 'STAT', 'NOOP'].map(verb => command(verb)).some(moves))
})
