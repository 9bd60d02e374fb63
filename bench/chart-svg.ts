import { init, type EChartsOption } from 'echarts'
import { contestantNames, type ContestantName } from './contestants/index.js'
import type { Row } from './results.js'
import { scenarioNames, type ScenarioName } from './scenarios.js'
import { serverNames, type ServerName } from './servers.js'

/** Legible on white and on black. */
const ink = '#7a7f87'
const colours: Record<ContestantName, string> = {
  'ftp-vfs': '#2f81f7',
  'basic-ftp': '#d29922',
  lftp: '#2ea043',
  'lftp-async': '#57ab5a',
  rclone: '#a371f7',
  curl: '#db6d28',
}

/** What the second line of panels shows, in short. */
const short: Partial<Record<ScenarioName, string>> = {
  'small-up': 'up',
  'small-down': 'down',
  'idle-up': 'one',
  stat: 'stats',
  'tree-walk': 'tree',
  'tree-remove': 'rm -r',
  'slow-down': 'bulk',
}

const width = 960
const [top, panel, between] = [84, 190, 88]

/**
 * An SVG of the rows at the longest distance, in the clear: for each server small files a second with the most
 * connections, and below how many times the best peer that is, in every scenario.
 */
export function chart(all: Row[]): string {
  const rtt = Math.max(...all.map(row => row.rtt))
  const rows = all.filter(row => row.rtt === rtt && row.tls === 'none' && row.rate !== undefined)
  const servers = serverNames.filter(server => rows.some(row => row.server === server))
  const names = (['ftp-vfs', ...contestantNames] as ContestantName[]).filter(
    (name, index, list) => list.indexOf(name) === index && rows.some(({ contestant }) => contestant === name),
  )
  const max = Math.max(...rows.map(({ connections }) => connections))
  const left = (index: number) => 50 + (index * (width - 40)) / servers.length
  const each = (width - 40) / servers.length - 50
  const at = (index: number, line: number) => ({
    left: left(index),
    top: top + line * (panel + between),
    width: each,
    height: panel,
    outerBoundsMode: 'none',
  })
  const title = (text: string, line: number) => ({
    text,
    left: 10,
    top: line * (panel + between) + (line === 0 ? 0 : 36),
    textStyle: { color: ink, fontSize: 14 },
  })
  const panels = servers.flatMap((server, index) => [
    speeds(server, rows, names, max, at(index, 0), 2 * index),
    ratios(server, rows, at(index, 1), 2 * index + 1),
  ])
  const option: EChartsOption = {
    animation: false,
    textStyle: { fontFamily: 'sans-serif' },
    title: [
      title(`Files of 4 KiB a second, ${rtt} ms round trip, ${max} connections`, 0),
      title('ftp-vfs: how many times as fast as the best peer with any number of connections', 1),
    ],
    legend: { data: names, top: 26, left: 40, itemGap: 26, textStyle: { color: ink } },
    grid: panels.map(({ grid }) => grid),
    xAxis: panels.map(({ xAxis }) => xAxis),
    yAxis: panels.map(({ yAxis }) => yAxis),
    series: panels.flatMap(({ series }) => series),
  }
  const picture = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width,
    height: top + 2 * panel + between + 30,
  })
  try {
    picture.setOption(option)
    return picture.renderToSVGString()
  } finally {
    picture.dispose()
  }
}

type Grid = object

interface Panel {
  grid: Grid
  xAxis: object
  yAxis: object
  series: object[]
}

function speeds(
  server: ServerName,
  rows: Row[],
  names: ContestantName[],
  max: number,
  grid: Grid,
  place: number,
): Panel {
  const scenarios: ScenarioName[] = ['small-up', 'small-down']
  const rate = (contestant: ContestantName, scenario: ScenarioName) =>
    rows.find(
      row =>
        row.server === server &&
        row.scenario === scenario &&
        row.contestant === contestant &&
        row.connections === max,
    )?.rate ?? null
  return {
    grid,
    ...axes(place, ['up', 'down'], { type: 'value', name: server }),
    series: names.map(name => ({
      name,
      type: 'bar',
      ...onAxes(place),
      data: scenarios.map(scenario => rate(name, scenario)),
      itemStyle: { color: colours[name] },
      barCategoryGap: '24%',
      barGap: '10%',
      label: label(name === 'ftp-vfs', value => String(Math.round(value))),
    })),
  }
}

function ratios(server: ServerName, rows: Row[], grid: Grid, place: number): Panel {
  const found = scenarioNames.flatMap(scenario => {
    const name = short[scenario]
    const best = rows
      .filter(row => row.server === server && row.scenario === scenario)
      .map(({ toPeers = {} }) => Math.min(...Object.values(toPeers)))
      .filter(ratio => ratio < Infinity)
    return name === undefined || best.length === 0 ? [] : [{ name, ratio: Math.max(...best) }]
  })
  const scale = {
    type: 'log',
    logBase: 4,
    name: server,
    min: 4 ** Math.floor(Math.log2(Math.min(1, ...found.map(({ ratio }) => ratio))) / 2),
    max: 4 ** Math.ceil(Math.log2(Math.max(4, ...found.map(({ ratio }) => ratio * 1.5))) / 2),
    axisLabel: { color: ink, formatter: (value: number) => `${value} ×` },
  }
  return {
    grid,
    ...axes(
      place,
      found.map(({ name }) => name),
      scale,
    ),
    series: [
      {
        type: 'bar',
        ...onAxes(place),
        data: found.map(({ ratio }) => ratio),
        itemStyle: { color: colours['ftp-vfs'] },
        barWidth: '60%',
        label: label(true, value => (value < 10 ? value.toFixed(1) : String(Math.round(value)))),
        markLine: {
          silent: true,
          symbol: 'none',
          lineStyle: { color: ink, type: 'dashed' },
          label: { show: false },
          data: [{ yAxis: 1 }],
        },
      },
    ],
  }
}

const onAxes = (place: number) => ({ xAxisIndex: place, yAxisIndex: place })

function axes(place: number, data: string[], scale: object): { xAxis: object; yAxis: object } {
  const line = { lineStyle: { color: ink } }
  return {
    xAxis: {
      gridIndex: place,
      type: 'category',
      data,
      axisLine: line,
      axisTick: { show: false },
      axisLabel: { color: ink, interval: 0 },
    },
    yAxis: {
      gridIndex: place,
      nameTextStyle: { color: ink, fontWeight: 'bold', align: 'left' },
      axisLabel: { color: ink },
      splitLine: { lineStyle: { color: ink, opacity: 0.25 } },
      ...scale,
    },
  }
}

function label(show: boolean, text: (value: number) => string): object {
  return {
    show,
    position: 'top',
    color: ink,
    fontWeight: 'bold',
    formatter: ({ value }: { value: number }) => text(value),
  }
}
