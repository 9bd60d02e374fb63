import { createHash } from 'node:crypto'
import type { Test } from 'tap'
import { areas, ftpAreas } from './areas.js'
import type { Case, Env } from './case.js'
import { codesOf } from './expect.js'
import type { Departure, Target } from './target.js'

/** A case that takes longer than this, in milliseconds, hangs; one that is known to hang is given less. */
const LIMIT = 20_000
const HANG_LIMIT = 500

/**
 * Runs the suite: what `fs.promises` and the streams of `fs` do in Node on Linux, asked of another fs.
 *
 * Where the target departs from Node it says so in `departures`; nothing else is passed over, unless `only` names the
 * cases that are to be run.
 */
export async function conformance(t: Test, target: Target, only?: ReadonlySet<string>): Promise<void> {
  const all = Object.entries(target.ftp ? { ...areas, ...ftpAreas } : areas)
  const names = new Set(all.flatMap(([, cases]) => cases.map(({ name }) => name)))
  for (const [area, cases] of all) {
    const wanted = only ? cases.filter(({ name }) => only.has(name)) : cases
    if (wanted.length === 0) continue
    await t.test(`${target.name}: ${area}`, async t => {
      for (const one of wanted) await runCase(t, target, one)
    })
  }
  const strange = [...Object.keys(target.departures), ...(only ?? [])].filter(name => !names.has(name))
  t.same(strange, [], 'every departure, and every case to be run, is a case')
}

async function runCase(t: Test, target: Target, one: Case): Promise<void> {
  const notHere = one.skip?.(target)
  const departure = target.departures[one.name]
  if (notHere !== undefined) {
    await t.test(`${one.name} [not here: ${notHere}]`, { skip: notHere }, () => {})
  } else if (departure !== undefined) {
    await runDeparture(t, target, one, typeof departure === 'string' ? { reason: departure } : departure)
  } else {
    await t.test(one.name, async t => {
      await within(LIMIT, one.run(await environment(target, one)))
      t.pass('as Node does')
    })
  }
}

async function runDeparture(t: Test, target: Target, one: Case, departure: Exclude<Departure, string>) {
  const { reason, code, hangs, skip } = departure
  const title = `${one.name} [departs: ${reason}]`
  if (skip) {
    await t.test(title, { skip: reason }, () => {})
    return
  }
  await t.test(title, async t => {
    const env = await environment(target, one)
    const failure = await within(hangs ? HANG_LIMIT : LIMIT, one.run(env)).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    if (failure === undefined) t.fail('this case passes now: take it off the list of departures')
    else if (hangs) t.ok(failure.error instanceof Late, 'hangs')
    else if (code !== undefined)
      t.ok(codesOf(failure.error).includes(code), `fails with ${code}`, { found: failure.error })
    else t.notOk(failure.error instanceof Late, 'fails, and does not hang')
    await one.departed?.(env)
  })
}

async function environment(target: Target, { name }: Case): Promise<Env> {
  const { fs, base, outside } = target
  const dir = `${base}/${createHash('sha256').update(name).digest('hex').slice(0, 12)}`
  await fs.mkdir(dir)
  return {
    fs,
    dir,
    at: (...names) => [dir, ...names].join('/'),
    bytesAt: (...names) =>
      Buffer.concat([Buffer.from(dir), ...names.flatMap(one => [Buffer.from('/'), one])]),
    outside: outside.fs,
    out: path => outside.root + path,
    target,
  }
}

class Late extends Error {}

async function within<T>(limit: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Late(`still not done after ${limit / 1000} s`)), limit)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
