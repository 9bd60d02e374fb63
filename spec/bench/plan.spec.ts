import t from 'tap'
import { entrants, places, scenariosAt, type Plan } from '../../bench/plan.js'
import { contestantNames } from '../../bench/contestants/index.js'
import { scenarioNames } from '../../bench/scenarios.js'

const plan: Plan = {
  servers: ['vsftpd', 'embedded'],
  contestants: contestantNames,
  rtts: [0, 40],
  delay: 'slow link',
  tls: undefined,
  scenarios: scenarioNames,
  connections: [1, 4, 8],
  ...{ repeat: 2, quick: false, json: false, output: undefined, profile: undefined },
}
const near = { server: 'vsftpd', tls: 'none', rtt: 0 } as const
const far = { ...near, rtt: 40 }
const secured = { ...far, tls: 'explicit' } as const

function crews(...[scenario, place]: [Parameters<typeof entrants>[1], Parameters<typeof entrants>[2]]) {
  return entrants(plan, scenario, place).map(
    ({ contestant, connections }) => `${contestant} × ${connections}`,
  )
}

t.test('each server is measured in the clear and over TLS, at each distance, where it can be', async t => {
  const words = (plan: Plan) => places(plan).map(({ server, tls, rtt }) => `${server} ${tls} ${rtt}`)
  const clear = ['vsftpd none 0', 'vsftpd none 40']
  const others = ['embedded none 0', 'embedded none 40']
  t.strictSame(words(plan), [...clear, 'vsftpd explicit 0', 'vsftpd explicit 40', ...others])
  t.strictSame(words({ ...plan, delay: 'proxy' }), [...clear, 'vsftpd explicit 0', ...others])
  t.strictSame(words({ ...plan, tls: ['explicit'] }), ['vsftpd explicit 0', 'vsftpd explicit 40'])
  t.strictSame(words({ ...plan, scenarios: ['list'] }), ['vsftpd none 0', 'embedded none 0'])
})

t.test('a scenario is where it tells something', async t => {
  t.notMatch(scenariosAt(plan, far), ['list'])
  t.ok(scenariosAt(plan, far).includes('slow-down'))
  t.notOk(scenariosAt({ ...plan, delay: 'proxy' }, far).includes('slow-down'))
  t.notOk(scenariosAt(plan, near).includes('idle-up'))
  t.strictSame(scenariosAt(plan, secured), ['small-up', 'small-down', 'idle-up'])
  t.ok(scenariosAt({ ...plan, tls: ['explicit'] }, secured).includes('stat'))
})

t.test('contestants enter with the connections of which they make use', async t => {
  const all = contestantNames.flatMap(name => [1, 4, 8].map(count => `${name} × ${count}`))
  t.strictSame(
    crews('small-up', near),
    all.filter(crew => crew !== 'curl × 1'),
  )
  const dear = /^(lftp|rclone) × [14]$/
  t.strictSame(
    crews('small-up', far),
    all.filter(crew => !dear.test(crew)),
  )
  t.strictSame(crews('small-up', secured), [
    ...['basic-ftp × 8', 'lftp × 8', 'lftp-async × 8', 'rclone × 1', 'curl × 1'],
    ...[1, 4, 8].map(count => `ftp-vfs × ${count}`),
  ])
  const ours = (counts: number[]) => counts.map(count => `ftp-vfs × ${count}`)
  t.strictSame(crews('tree-walk', far), ['basic-ftp × 8', 'rclone × 8', ...ours([1, 4, 8])])
  t.strictSame(crews('slow-down', far), ['lftp × 4', ...ours([1, 4])])
  t.strictSame(crews('idle-up', far), ['basic-ftp × 1', 'ftp-vfs × 1'])
  t.strictSame(crews('memory-list', near), ['ftp-vfs × 1'])
})
