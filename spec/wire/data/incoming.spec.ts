import t, { type Test } from 'tap'
import { command } from '../../../lib/wire/session/command.js'
import { Incoming, type IncomingOptions } from '../../../lib/wire/data/incoming.js'
import { isPositive, type Reply } from '../../../lib/wire/reply/replies.js'
import type { Session, SessionOptions } from '../../../lib/wire/session/session.js'
import type { Handler } from '../../support/scripted-server.js'
import { knownGreeting, scriptedSession, short } from '../scripted-session.js'

const big = Buffer.alloc(8 * 2 ** 20, 'ab')
const files = { '/a': '0123456789', '/empty': '', '/big': big }

/** A transfer that has begun, and its bytes so far. */
async function receiving(session: Session, path: string, options: Partial<IncomingOptions> = {}) {
  const chunks: Buffer[] = []
  let wake = () => {}
  const incoming = (await Incoming.open(session, {
    commands: [command('RETR', path)],
    ...options,
    onData(chunk) {
      chunks.push(chunk)
      wake()
      options.onData?.(chunk)
    },
  })) as Incoming
  const first = async () => {
    if (chunks.length === 0) await new Promise<void>(resolve => (wake = resolve))
  }
  return { incoming, bytes: () => Buffer.concat(chunks), text: () => Buffer.concat(chunks).toString(), first }
}
const codes = (replies: readonly Reply[]) => replies.map(({ code }) => code)
/** The session is in step: each command gets its own reply. */
async function inStep(t: Test, session: Session) {
  t.ok(session.usable, 'the session is usable again')
  t.same((await session.flight([command('SIZE', '/a')]))[0]!.lines, ['213 10'])
}
const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length

await t.test('a file arrives whole, then the replies', async t => {
  const { session, flightsSince } = await scriptedSession(t, { files })
  for (const path of ['/a', '/empty', '/big'] as const) {
    const { incoming, bytes } = await receiving(session, path, { along: [command('SIZE', path)] })
    t.same(codes(incoming.asked), [213])
    t.same(codes(await incoming.done), [226])
    t.ok(bytes().equals(Buffer.from(files[path])), path)
    await inStep(t, session)
  }
  t.same(flightsSince().slice(0, 2), [['SIZE /a', 'EPSV'], ['RETR /a']])
})

await t.test('REST goes with RETR in one write', async t => {
  const { session, flightsSince } = await scriptedSession(t, { files })
  const { incoming, text } = await receiving(session, '/a', {
    commands: [command('REST 4'), command('RETR', '/a')],
    skip: ([rest]) => (isPositive(rest!) ? 0 : 4),
  })
  t.same(codes(await incoming.done), [350, 226])
  t.equal(text(), '456789')
  t.same(flightsSince(), [['EPSV'], ['REST 4', 'RETR /a']])
})

await t.test('if REST is refused, the bytes before the position are skipped', async t => {
  const refused: Handler = ctx => ctx.reply('502 No REST')
  const skip = ([rest]: readonly Reply[]) => (isPositive(rest!) ? 0 : 4)
  const commands = [command('REST 4'), command('RETR', '/a')]

  await t.test('whatever its pieces', async t => {
    for (const pieces of [['0123456789'], [...'0123456789'], ['01', '234', '56789'], ['0123', '456789']]) {
      const { session } = await scriptedSession(t, {
        files,
        on: { REST: refused, RETR: ctx => ctx.send(pieces) },
      })
      const { incoming, text } = await receiving(session, '/a', { commands, skip })
      t.same(codes(await incoming.done), [502, 226])
      t.equal(text(), '456789')
    }
  })

  await t.test('even if bytes arrive before the 150, or without one', async t => {
    for (const preliminary of ['150 Late', undefined]) {
      const { session } = await scriptedSession(t, {
        files,
        on: {
          REST: refused,
          async RETR(ctx) {
            const socket = await ctx.data
            socket.end('0123456789')
            await new Promise(resolve => setTimeout(resolve, 50))
            if (preliminary !== undefined) ctx.reply(preliminary)
            ctx.reply('226 Done')
          },
        },
      })
      const { incoming, text } = await receiving(session, '/a', { commands, skip })
      t.same(codes(await incoming.done), [502, 226])
      t.equal(text(), '456789')
    }
  })

  await t.test('bytes before the 150 are collected only up to a limit', async t => {
    let sent = 0
    const { session } = await scriptedSession(t, {
      files,
      on: {
        async RETR(ctx) {
          const socket = await ctx.data
          while (sent < big.length && socket.write(big.subarray(sent, sent + 65_536))) sent += 65_536
          await new Promise(resolve => setTimeout(resolve, 100))
          const before = process.memoryUsage().arrayBuffers
          t.ok(socket.writableLength > 0, 'the server has to wait')
          ctx.reply('150 Late')
          t.ok(before < 64 * 2 ** 20)
          await new Promise<void>(resolve => socket.end(resolve))
          ctx.reply('226 Done')
        },
      },
    })
    const { incoming, bytes } = await receiving(session, '/big', {
      commands: [command('REST 0'), command('RETR', '/big')],
      skip: () => 0,
    })
    incoming.resume()
    await incoming.done
    t.ok(bytes().length > sent)
  })

  await t.test('one command at a time', async t => {
    const { session, profile, flightsSince } = await scriptedSession(t, { files, on: { REST: refused } })
    profile.can.pipelining.fail()
    const { incoming, text } = await receiving(session, '/a', { commands, skip })
    t.same(codes(await incoming.done), [502, 226])
    t.equal(text(), '456789')
    t.same(flightsSince(), [['EPSV'], ['REST 4'], ['RETR /a']])
  })
})

await t.test('a refusal', async t => {
  await t.test('of the judge: the transfer is not started', async t => {
    const { session, since } = await scriptedSession(t, { files })
    const judge = (asked: Reply[]) => asked.find(reply => !isPositive(reply))
    const along = [command('CWD', '/missing')]
    const refusal = await Incoming.open(session, {
      along,
      judge,
      commands: [command('LIST')],
      onData: () => t.fail(),
    })
    t.match(refusal, { code: 550 })
    t.same(since(), ['CWD /missing', 'EPSV'])
    await inStep(t, session)
  })

  await t.test('of the judge, during a transfer: its bytes are not awaited', async t => {
    const RETR: Handler = async ctx => {
      const socket = await ctx.data
      ctx.reply('150 Here')
      const closed = new Promise(resolve => socket.on('error', () => {}).once('close', resolve))
      socket.write('some')
      await closed
      ctx.reply('426 Cut')
    }
    for (const greeting of [knownGreeting, '220 ProFTPD']) {
      const { session } = await scriptedSession(t, { greeting, files, on: { RETR } })
      const changed = receiving(session, '/a', {
        along: [command('SIZE', '/a')],
        judge: () => {
          throw new Error('it has changed')
        },
        ahead: true,
      })
      await t.rejects(changed, { message: 'it has changed' })
      await inStep(t, session)
    }
  })

  await t.test('of the transfer is its last reply', async t => {
    const { session } = await scriptedSession(t, { files })
    const { incoming } = await receiving(session, '/missing')
    t.same(codes(await incoming.done), [550])
    await inStep(t, session)
  })

  await t.test('that comes with a reset stays a refusal', async t => {
    const { session } = await scriptedSession(t, {
      files,
      on: {
        async RETR(ctx) {
          ;(await ctx.data).resetAndDestroy()
          await new Promise(resolve => setTimeout(resolve, 20))
          ctx.reply('550 Not for you')
        },
      },
    })
    const { incoming } = await receiving(session, '/a')
    t.same(codes(await incoming.done), [550])
    await inStep(t, session)
  })

  await t.test('to send an invalid name leaves no connection open', async t => {
    const { session, server } = await scriptedSession(t, { files })
    await t.rejects(receiving(session, '/a\n'), { code: 'ERR_INVALID_ARG_VALUE' })
    await inStep(t, session)
    server.on['EPSV'] = async ctx => {
      await ctx.next()
      const data = await ctx.data
      data.on('error', () => {})
      t.ok(data.destroyed || (await new Promise(resolve => data.resume().once('close', () => resolve(true)))))
    }
  })
})

for (const [known, greeting] of [
  ['known', knownGreeting],
  ['not known', '220 hello'],
] as const) {
  await t.test(`stopping early on a server that is ${known}`, async t => {
    const stopped = async (t: Test, RETR: Handler, on: Record<string, Handler> = {}) => {
      const { session, server, since } = await scriptedSession(t, { greeting, files, on: { RETR, ...on } })
      const { incoming, first } = await receiving(session, '/big')
      await first()
      await incoming.stop()
      await inStep(t, session)
      t.equal(server.connections, 1)
      return { incoming, commands: since() }
    }

    await t.test('that replies 426', async t => {
      const { incoming, commands } = await stopped(t, ctx => ctx.next())
      t.equal(commands.includes('NOOP'), known === 'not known')
      t.same(codes(await incoming.done), [426])
      await incoming.stop()
    })

    await t.test('that has sent everything', async t => {
      await stopped(t, ctx => ctx.send(['all of it']))
    })

    await t.test('that replies 551, as ftp-srv 4.6.3', async t => {
      await stopped(t, async ctx => {
        const socket = await ctx.data
        ctx.reply('150 Here')
        const closed = new Promise(resolve => socket.once('close', resolve))
        socket.write('some')
        await closed
        ctx.reply('551 Reset')
      })
    })

    await t.test('no chunk is delivered afterwards', async t => {
      const { session } = await scriptedSession(t, { greeting, files })
      let ended = false
      const { incoming, first } = await receiving(session, '/big', { onData: () => t.notOk(ended) })
      await first()
      const stopping = incoming.stop()
      ended = true
      incoming.resume()
      await stopping
      await incoming.done
    })

    await t.test('before the first byte', async t => {
      const { session } = await scriptedSession(t, { greeting, files })
      const { incoming } = await receiving(session, '/big', {
        commands: [command('REST 5'), command('RETR', '/big')],
        skip: () => 0,
      })
      await incoming.stop()
      await inStep(t, session)
    })

    await t.test(
      'before it accepts the data connection: after an earlier reset it would never reply',
      async t => {
        const RETR: Handler = async ctx => {
          await new Promise(resolve => setTimeout(resolve, 50))
          const socket = await ctx.data
          if (socket.destroyed) return
          ctx.reply('150 Here')
          await new Promise(resolve => setTimeout(resolve, 50))
          const closed = new Promise(resolve => socket.once('close', resolve))
          socket.write('some')
          await closed
          ctx.reply('426 Gone')
        }
        const { session } = await scriptedSession(
          t,
          { greeting, files, on: { RETR } },
          { shortTimeout: 2_000 },
        )
        const { incoming } = await receiving(session, '/big')
        incoming.pause()
        await incoming.stop()
        await inStep(t, session)
      },
    )

    await t.test('after the transfer is complete', async t => {
      const { session } = await scriptedSession(t, { greeting, files })
      const { incoming } = await receiving(session, '/a')
      await incoming.done
      await incoming.stop()
      await inStep(t, session)
    })

    await t.test('that never replies: the session is closed', async t => {
      const { session } = await scriptedSession(
        t,
        {
          greeting,
          files,
          on: { RETR: async ctx => void (await ctx.data).resume().write('x'), NOOP: () => {} },
        },
        { shortTimeout: short },
      )
      const { incoming, first } = await receiving(session, '/big')
      await first()
      await incoming.stop()
      t.ok(session.closed)
      await t.rejects(incoming.done, { code: 'ETIMEDOUT' })
    })
  })
}

await t.test('Pure-FTPd 1.0.50 ends a stopped transfer with a second 150', async t => {
  const { session } = await scriptedSession(t, {
    greeting: '220 Welcome to Pure-FTPd',
    files,
    on: {
      async RETR(ctx) {
        const socket = await ctx.data
        ctx.reply('150 Accepted data connection')
        const closed = new Promise(resolve => socket.once('close', resolve))
        socket.write('some')
        await closed
        ctx.reply('150 0.007 seconds (measured here), 1.00 Kbytes per second')
      },
    },
  })
  const { incoming, first } = await receiving(session, '/big')
  await first()
  await incoming.stop()
  t.same(codes(await incoming.done), [150])
  await inStep(t, session)
})

await t.test(
  'on an unknown server, the reply to a NOOP marks the end of the replies to a stopped transfer',
  async t => {
    const stop = (replies: string[], noop: string[]): Promise<{ session: Session; incoming: Incoming }> =>
      (async () => {
        const { session } = await scriptedSession(t, {
          files,
          on: {
            async RETR(ctx) {
              const socket = await ctx.data
              ctx.reply('150 Here')
              const closed = new Promise(resolve => socket.once('close', resolve))
              socket.write('some')
              await closed
              replies.forEach(text => ctx.reply(text))
            },
            NOOP: ctx => noop.forEach(text => ctx.reply(text)),
          },
        })
        const { incoming, first } = await receiving(session, '/big')
        await first()
        await incoming.stop()
        return { session, incoming }
      })()
    for (const [title, replies, noop] of [
      ['one reply', ['426 Cut'], ['200 Zzz']],
      ['two replies', ['426 Cut', '226 Abort successful'], ['200 Zzz']],
      ['no reply until the NOOP: pyftpdlib 1.5.7 answers that first', [], ['200 Zzz', '426 Cut']],
      ['a server without NOOP', ['426 Cut'], ['500 What?']],
    ] as const) {
      const { session, incoming } = await stop([...replies], [...noop])
      await incoming.done
      await inStep(t, session)
      t.pass(title)
    }
  },
)

await t.test('a connection that breaks', async t => {
  await t.test('the data connection, with a reply: that is the final reply', async t => {
    const { session } = await scriptedSession(t, {
      files,
      cut: { command: 'RETR', after: 100_000, what: 'data', reset: true },
    })
    const { incoming } = await receiving(session, '/big')
    t.same(codes(await incoming.done), [426])
    await inStep(t, session)
  })

  await t.test('the data connection, although the server replies 226', async t => {
    const { session } = await scriptedSession(t, {
      files,
      on: {
        async RETR(ctx) {
          const socket = await ctx.data
          ctx.reply('150 Here')
          socket.write('some', () => setTimeout(() => socket.resetAndDestroy(), 20))
          ctx.reply('226 Done')
        },
      },
    })
    const { incoming } = await receiving(session, '/big')
    await t.rejects(incoming.done, {
      code: 'ERR_FTP_CONNECTION_LOST',
      message: 'The data connection broke: read ECONNRESET',
      cause: { code: 'ECONNRESET' },
    })
    await inStep(t, session)
  })

  await t.test('the data connection, without a reply', async t => {
    const { session } = await scriptedSession(
      t,
      { files, on: { RETR: async ctx => void (await ctx.data).end('some') } },
      { shortTimeout: short },
    )
    const { incoming } = await receiving(session, '/big')
    await t.rejects(incoming.done, { code: 'ETIMEDOUT', message: `No reply to RETR within ${short} ms` })
    t.ok(session.closed)
  })

  for (const what of ['control', 'both'] as const) {
    for (const after of ['command', '150', 100_000] as const) {
      await t.test(`${what} ${after === 'command' ? 'at the command' : `after ${after}`}`, async t => {
        const { session } = await scriptedSession(t, { files, cut: { command: 'RETR', after, what } })
        const before = timers()
        const { incoming } = await receiving(session, '/big')
        await t.rejects(incoming.done, { code: 'ERR_FTP_CONNECTION_LOST' })
        t.ok(session.closed)
        await incoming.stop()
        t.equal(timers(), before, 'no timer is left')
      })
    }
  }
})

await t.test('the control connection, before the first byte: nothing is awaited', async t => {
  const { session } = await scriptedSession(t, {
    files,
    on: { RETR: ctx => ctx.connection.drop('control') },
  })
  const { incoming } = await receiving(session, '/a')
  t.match(await incoming.done.catch(String), /ConnectionLostError/)
})

await t.test('the control connection, and the remaining bytes still arrive', async t => {
  for (const [how, reset] of [
    ['FIN', false],
    ['RST', true],
  ] as const) {
    const cut = { command: 'RETR', after: 100_000, what: 'control', reset } as const
    const { session } = await scriptedSession(t, { files, cut })
    const { incoming, bytes } = await receiving(session, '/big')
    await t.rejects(incoming.done, { code: 'ERR_FTP_CONNECTION_LOST' }, how)
    t.ok(incoming.ended, 'in order')
    t.ok(bytes().equals(big))
    t.ok(session.closed)
  }
  const { session } = await scriptedSession(t, { files })
  const { incoming, first } = await receiving(session, '/big')
  await first()
  session.close()
  await t.rejects(incoming.done, { message: 'The session was closed' })
  t.notOk(incoming.ended, 'they end if the session is closed from here')
})

await t.test('226 may come before the bytes', async t => {
  const { session } = await scriptedSession(t, { files, earlyComplete: true })
  const { incoming, bytes } = await receiving(session, '/big')
  t.same(codes(await incoming.done), [226])
  t.ok(bytes().equals(big))
  await inStep(t, session)
})

await t.test('time', async t => {
  /** Sends a few bytes and then nothing, until the client disconnects. */
  const stalls: Handler = async ctx => {
    const socket = await ctx.data
    ctx.reply('150 Here')
    const gone = new Promise(resolve => socket.resume().once('end', resolve))
    socket.write('some')
    await gone
    ctx.reply('426 Gone')
  }

  const stallsForEver: Handler = async ctx => {
    const socket = await ctx.data
    ctx.reply('150 Here')
    socket.resume().write('some')
  }
  const noReply: Handler = async ctx => {
    const socket = await ctx.data
    ctx.reply('150 Here')
    socket.resume().end('some')
  }

  await t.test('without progress is limited', async t => {
    const { session } = await scriptedSession(t, { files, on: { RETR: stalls } }, { readWriteTimeout: 100 })
    const { incoming, text } = await receiving(session, '/a')
    t.same(codes(await incoming.done), [426])
    t.equal(text(), 'some')
    await inStep(t, session)
  })

  await t.test('without progress counts from the start', async t => {
    const { session } = await scriptedSession(
      t,
      { files, on: { RETR: () => new Promise(() => {}) } },
      { readWriteTimeout: 100, shortTimeout: short },
    )
    const { incoming } = await receiving(session, '/a')
    await t.rejects(incoming.done, { code: 'ETIMEDOUT', message: /No reply to RETR/ })
  })

  await t.test('does not count while the consumer is paused', async t => {
    const { session } = await scriptedSession(t, { files }, { readWriteTimeout: 100 })
    const { incoming, bytes, first } = await receiving(session, '/big')
    incoming.pause()
    await new Promise(resolve => setTimeout(resolve, 300))
    incoming.resume()
    await first()
    incoming.pause()
    const soFar = bytes().length
    await new Promise(resolve => setTimeout(resolve, 300))
    t.ok(bytes().length - soFar < 2 ** 20, 'the server has to wait')
    incoming.resume()
    t.same(codes(await incoming.done), [226])
    t.ok(bytes().equals(big))
  })

  await t.test('for the whole transfer is limited', async t => {
    const { session } = await scriptedSession(t, { files, on: { LIST: stalls } })
    const { incoming } = await receiving(session, '', { commands: [command('LIST')], timeout: 100 })
    t.same(codes(await incoming.done), [426])
    await inStep(t, session)
  })

  /** Resets a data connection that was opened ahead during the reply to the command before RETR. */
  const dies = { along: [command('SIZE', '/a')], ahead: true }
  const SIZE: Handler = async ctx => {
    ;(await ctx.data).resetAndDestroy()
    await new Promise(resolve => setTimeout(resolve, 50))
    return ctx.next()
  }

  await t.test(
    'for the replies is limited once the data connection is gone: an earlier reply does not lift it',
    async t => {
      const { session } = await scriptedSession(
        t,
        {
          greeting: knownGreeting,
          files,
          on: { SIZE, RETR: () => {}, EPSV: ctx => (ctx.n > 1 ? undefined : ctx.next()) },
        },
        { shortTimeout: short },
      )
      const { incoming } = await receiving(session, '/a', dies)
      await t.rejects(incoming.done, { code: 'ETIMEDOUT', message: `No reply to RETR within ${short} ms` })
      t.ok(session.closed)
    },
  )

  await t.test('for the replies is limited: endless 1xx do not count', async t => {
    const RETR: Handler = async ctx => {
      const { data } = ctx
      ;(await data).end('0123456789')
      while (!session.closed) {
        ctx.reply('150 In a while')
        await new Promise(resolve => setTimeout(resolve, short / 10))
      }
    }
    const { session } = await scriptedSession(t, { files, on: { RETR } }, { shortTimeout: short })
    const { incoming, text } = await receiving(session, '/a')
    await t.rejects(incoming.done, { code: 'ETIMEDOUT' })
    t.equal(text(), '0123456789')
  })

  await t.test(
    'for a listing of the wrong folder is limited, even if it must be read to not spoil the next one',
    async t => {
      const endless = async (t: Test, LIST: Handler, options: Partial<SessionOptions>) => {
        const { session } = await scriptedSession(t, { greeting: '220 ProFTPD', on: { LIST } }, options)
        const refusal = await Incoming.open(session, {
          along: [command('CWD', '/none')],
          judge: replies => replies.find(reply => !isPositive(reply)),
          commands: [command('LIST -a')],
          onData: () => t.fail('unwanted'),
          ahead: true,
        })
        t.match(refusal, { code: 550 })
        t.ok(session.closed)
      }

      await t.test('which sends nothing more', t =>
        endless(t, stallsForEver, { readWriteTimeout: 100, shortTimeout: short }),
      )
      await t.test('whose reply never comes', t => endless(t, noReply, { shortTimeout: short }))
    },
  )

  await t.test('leaves no timer behind', async t => {
    const { session } = await scriptedSession(t, { files })
    const before = timers()
    const { incoming } = await receiving(session, '/a', { timeout: 60_000 })
    await incoming.done
    incoming.resume()
    t.equal(timers(), before)
  })
})
