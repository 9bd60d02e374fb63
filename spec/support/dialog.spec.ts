import t from 'tap'
import { Dialog, type Message } from './dialog.js'

const shown = (messages: Message[]) =>
  messages.map(({ command, start, end, final }) => [command, start, end, ...(final ? [] : ['more comes'])])

void t.test('finds commands in chunks, and where they begin and end', async t => {
  const dialog = new Dialog()
  t.same(shown(dialog.commands(Buffer.from('STOR a\r\nSIZE a\r\nEP'))), [
    ['STOR a', 0, 8],
    ['SIZE a', 8, 16],
  ])
  t.same(shown(dialog.commands(Buffer.from('SV\r\n'))), [['EPSV', 0, 4]])
})

void t.test('knows which reply belongs to which command', async t => {
  const dialog = new Dialog()
  for (const command of ['STOR a', 'SIZE a', 'EPSV']) dialog.sent(command)
  t.equal(dialog.pending, 4, 'the greeting has not come')
  t.same(shown(dialog.replies(Buffer.from('220-Hello\r\n220 there\r\n150 Go\r\n22'))), [
    ['', 0, 22],
    ['STOR a', 22, 30, 'more comes'],
  ])
  t.same(shown(dialog.replies(Buffer.from('6 Stored\r\n213 5\r\n'))), [
    ['STOR a', 0, 10],
    ['SIZE a', 10, 17],
  ])
  t.equal(dialog.pending, 1)
})

void t.test('takes what comes over TLS in one go for a message', async t => {
  const dialog = new Dialog()
  const record = Buffer.from([0x17, 3, 3, 0, 1, 0x0a])
  t.same(shown(dialog.commands(record)), [['', 0, 6]])
  t.same(shown(dialog.replies(record)), [['', 0, 6]])
  t.same(shown(dialog.replies(record)), [], 'a reply in two chunks is one')
})
