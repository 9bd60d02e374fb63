import t from 'tap'
import { RestFence } from '../../lib/pool/rest-fence.js'

const reply = (line: string) => ({ code: Number(line.slice(0, 3)), lines: [line] })

t.test('a fence closes a flight whose last two replies answer it', async t => {
  const fence = new RestFence('1234567')
  const rows: [string[], boolean][] = [
    [['213 x', '350 Restart at 1234567.', '350 Restart at 0.'], true],
    [['350 Restart at 1234567.', '350 Restart at 0.', '213 x'], false],
    [['213 x', '350 Restart at 0.', '350 Restart at 1234567.'], false],
    [['213 x', '350 Restarting', '350 Restarting'], false],
    [['213 x', '350 Restart at 1234567.', '501 No'], false],
    [['350 Restart at 1234567.'], false],
    [[], false],
  ]
  for (const [lines, closes] of rows) t.equal(fence.closes(lines.map(reply)), closes, lines.join(', '))
})
