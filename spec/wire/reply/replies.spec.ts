import fc from 'fast-check'
import t from 'tap'
import {
  isPositive,
  isPreliminary,
  isUnknownCommand,
  quotedPath,
  ReplyParser,
  replyText,
  type Reply,
} from '../../../lib/wire/reply/replies.js'

const reply = (...lines: string[]): Reply => ({ code: Number(lines[0]!.slice(0, 3)), lines })
const parse = (...chunks: string[]): Reply[] => {
  const parser = new ReplyParser()
  return chunks.flatMap(chunk => [...parser.push(chunk)])
}

await t.test('ReplyParser', async t => {
  await t.test('a chunk completes one reply, several, or none yet', async t => {
    t.same(parse('220 Hello\r\n'), [reply('220 Hello')])
    t.same(parse('213 1\r\n213 2\r\n550 no\r\n'), [reply('213 1'), reply('213 2'), reply('550 no')])
    t.same(parse('213 1'), [])
    t.same(parse(''), [])
  })

  await t.test('lines that end with LF alone, and a code alone', async t => {
    t.same(parse('220 Hello\n200\r\n'), [reply('220 Hello'), reply('200')])
    t.same(parse('211-a\n b\n211 end\n'), [reply('211-a', ' b', '211 end')])
  })

  await t.test('empty lines between replies are skipped, those within a reply are kept', async t => {
    t.same(parse('\r\n220 a\r\n\r\n\r\n200 b\r\n'), [reply('220 a'), reply('200 b')])
    t.same(parse('211-a\r\n\r\n211 end\r\n'), [reply('211-a', '', '211 end')])
  })

  await t.test('only the code and a space end a multi-line reply', async t => {
    const lines = [
      '213-Status of /a:',
      ' 213 is the code',
      '213-and this line goes on',
      '2134 is a number',
      '226 is another code',
      '213x',
      '21',
      '213 End',
    ]
    t.same(parse(lines.join('\r\n') + '\r\n200 next\r\n'), [reply(...lines), reply('200 next')])
    t.same(parse('211-a\r\n211\r\n'), [reply('211-a', '211')], 'or the code alone')
  })

  await t.test('a carriage return within a line is part of it', async t => {
    t.same(parse('257 "/a\rb"\r\n'), [reply('257 "/a\rb"')])
  })

  await t.test('whatever the chunks, the replies are the same', async t => {
    const text = fc.string({ unit: fc.constantFrom(...'ab "-/0123456789\xe9\xff\r') })
    const code = fc.integer({ min: 100, max: 659 }).map(String)
    const single = fc.tuple(code, text).map(([code, text]) => [`${code} ${text}`])
    const several = fc
      .tuple(code, text, fc.array(text.map(line => ` ${line}`)), text)
      .map(([code, first, between, last]) => [`${code}-${first}`, ...between, `${code} ${last}`])
    const split = fc.array(fc.nat(), { maxLength: 8 })
    fc.assert(
      fc.property(fc.array(fc.oneof(single, several)), split, (replies, cuts) => {
        // The last CR of a line is part of its end.
        const lines = replies.map(reply => reply.map(line => line.replace(/\r+$/, '')))
        const bytes = lines.flat().join('\r\n') + '\r\n'
        const at = [0, ...cuts.map(cut => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
        const chunks = at.slice(1).map((end, i) => bytes.slice(at[i], end))
        const expected = lines.map(lines => reply(...lines))
        t.same(parse(...chunks), expected)
        t.same(parse(...bytes), expected, 'byte by byte')
      }),
      { numRuns: 50 },
    )
  })

  await t.test('bytes that are no reply throw, after the replies before them', async t => {
    for (const line of [
      'hello',
      '12',
      '12 x',
      '0 x',
      '700 x',
      '099 x',
      '220Hello',
      ' 220 x',
      '200\tx',
      'HTTP/1.1 400',
    ]) {
      const parser = new ReplyParser()
      const seen: Reply[] = []
      t.throws(
        () => {
          for (const reply of parser.push(`200 ok\r\n${line}\r\n200 ok\r\n`)) seen.push(reply)
        },
        { message: `a line that is no reply: '${line}'` },
        line,
      )
      t.same(seen, [reply('200 ok')])
    }
  })

  await t.test('an endless line throws, and so does an endless reply', async t => {
    const endless = (chunk: string) => () => {
      const parser = new ReplyParser()
      let replies = [...parser.push('211-a\r\n')].length
      for (let i = 0; i < 520; i++) replies += [...parser.push(chunk)].length
      t.equal(replies, 0)
    }
    t.throws(endless('x'.repeat(65_536)), { message: 'a line longer than 65536 bytes' })
    t.throws(endless(`${'x'.repeat(65_530)}\r\n`), { message: 'a reply longer than 33554432 bytes' })
    t.throws(
      endless('\n'.repeat(65_536)),
      { message: 'a reply longer than 33554432 bytes' },
      'even of empty lines',
    )
  })

  await t.test('the limit applies to one reply, not to all', async t => {
    const parser = new ReplyParser()
    const long = `211-a\r\n${' y'.repeat(20_000)}\r\n${' y'.repeat(20_000)}\r\n211 end\r\n`
    for (let i = 0; i < 1_000; i++) for (const { code } of parser.push(long)) if (code !== 211) t.fail()
    t.pass()
  })
})

await t.test('what codes mean', async t => {
  const codes = [125, 150, 200, 226, 299, 331, 350, 399, 421, 450, 500, 501, 502, 503, 504, 530, 550, 631]
  const having = (test: (reply: Reply) => boolean) => codes.filter(code => test(reply(`${code} x`)))
  t.same(having(isPreliminary), [125, 150])
  t.same(having(isPositive), [200, 226, 299, 331, 350, 399])
  t.same(having(isUnknownCommand), [500, 501, 502, 504])
})

await t.test('replyText joins all lines, without codes', async t => {
  t.equal(replyText(reply('550 No such file')), 'No such file')
  t.equal(replyText(reply('220')), '')
  t.equal(replyText(reply('220-Welcome', '220-to', '   this   ', '', '220 server')), 'Welcome to this server')
  t.equal(replyText(reply('213-Status', '226 is no code here', '213 End')), 'Status 226 is no code here End')
})

await t.test('quotedPath', async t => {
  const cases: [line: string, doubled: string | undefined, plain: string | undefined][] = [
    ['257 "/" is the current directory', '/', '/'],
    ['257 "/a b/c" is current directory.', '/a b/c', '/a b/c'],
    ['257 current directory is "/x"', '/x', '/x'],
    ['257 "/a""b" is current', '/a"b', '/a""b'],
    ['257 "/""" is current', '/"', '/""'],
    // Without doubled quotation marks, the end is ambiguous: no path is better than a wrong one.
    ['257 "/a"b" is current', undefined, '/a"b'],
    ['257 "" is current', '/', '/'],
    ['257 /flash', '/flash', '/flash'],
    ['257 /a b is the current directory', '/a b', '/a b'],
    ['257 /what is this', '/what is this', '/what is this'],
    ['257 nothing', undefined, undefined],
    ['257 "/x', undefined, undefined],
    ['250 "/x" is current', '/x', '/x'],
    ['250 CWD successful', undefined, undefined],
    ['550 "/x" is not there', undefined, undefined],
  ]
  for (const [line, doubled, plain] of cases) {
    t.equal(quotedPath(reply(line), { doublesQuotes: true, sendsIac: false }), doubled, `${line} (doubled)`)
    t.equal(
      quotedPath(reply(line), { doublesQuotes: false, sendsIac: false }),
      plain,
      `${line} (not doubled)`,
    )
  }
  const vsftpd = { doublesQuotes: true, sendsIac: true }
  t.equal(quotedPath(reply('257-"/a', '257 b" is current'), vsftpd), '/a\n257 b', 'a line break in a name')
  t.equal(quotedPath(reply('257 "/a\xff\xffb\xff\xff\xff\xff"'), vsftpd), '/a\xffb\xff\xff', 'vsftpd 3.0.3')
})

await t.test('a multi-line reply whose last line has another code', async t => {
  const parser = new ReplyParser()
  t.same([...parser.push('553-Not here\r\n553-but\r\n')], [])
  t.equal(parser.cutShort, undefined, 'none has yet')
  t.same([...parser.push('150 Here it comes\r\n226')], [])
  t.equal(parser.cutShort, undefined, 'a line has come in part')
  t.same([...parser.push('-so\r\n')], [])
  t.equal(parser.cutShort, undefined)
  t.same([...parser.push('150 Here\r\n')], [])
  t.match(parser.cutShort, { code: 150, cutShort: true })
  parser.end()
  t.notOk(parser.begun)
  t.match([...parser.push('226 Done\r\n')], [{ code: 226, cutShort: undefined }])
})
