import { blue, drawChart, grey, type Panel } from '../../scripts/draw-chart.js'
import { median, type Results, rowOf } from './results.ts'

const panels = [
  ['cpu', 'Server CPU, ms per delivered Gbit'],
  ['p99', 'Latency p99, ms (logarithmic)'],
] as const

/** The relay comparison as an SVG: what a player costs, and what it waits. Undefined without that comparison. */
export async function relayChart(results: Results): Promise<string | undefined> {
  const relay = results.groups.find(group => group.name === 'relay')
  if (relay === undefined) return undefined
  const values = relay.rows.flatMap(row =>
    panels.flatMap(([key, panel]) => mark(panel, row.name, !row.reference, row.figures[key])),
  )
  const order = relay.rows.map(row => row.name)
  const draw = ([key, panel]: (typeof panels)[number]): Panel => drawPanel(panel, order, key === 'p99', key === 'cpu')
  return await drawChart({ data: { values }, hconcat: panels.map(draw) })
}

/** What the tunnel takes beside RTMP, and by how much it is later. Undefined when it was not measured. */
export async function tunnelChart(results: Results): Promise<string | undefined> {
  const [cpu, p50, p99] = [
    'Server CPU, ms per delivered Gbit',
    'Added latency, median, ms',
    'Added latency, p99, ms',
  ] as const
  const transports = { 'rtmp-50': 'RTMP', rtmpt: 'RTMPT', rtmpts: 'RTMPTS' }
  const taken = Object.entries(transports).flatMap(([group, server]) =>
    mark(cpu, server, true, rowOf(results, group, 'rtmpipe')?.figures['cpu']),
  )
  const players = results.groups.find(group => group.name === 'tunnel')?.rows ?? []
  const late = players.flatMap(({ name, figures }) => [
    ...mark(p50, name, name.startsWith('rtmpipe'), figures['p50']),
    ...mark(p99, name, name.startsWith('rtmpipe'), figures['p99']),
  ])
  if (taken.length === 0 || late.length === 0) return undefined
  const order = players.map(({ name }) => name)
  return await drawChart({
    data: { values: [...taken, ...late] },
    hconcat: [
      drawPanel(cpu, Object.values(transports), false, true),
      drawPanel(p50, order, false, true),
      drawPanel(p99, order, false, false),
    ],
  })
}

/** One line of a panel. */
interface Mark {
  readonly panel: string
  readonly server: string
  readonly ours: boolean
  readonly value: number
  readonly low: number
  readonly high: number
}

function mark(panel: string, server: string, ours: boolean, figures: readonly number[] = []): Mark[] {
  if (figures.length === 0) return []
  return [{ panel, server, ours, value: median(figures), low: Math.min(...figures), high: Math.max(...figures) }]
}

/** Medians, and the extremes of the rounds as a line. Bars begin at 0; on a logarithmic axis there is no 0, hence dots. */
function drawPanel(panel: string, order: readonly string[], logarithmic: boolean, hasNames: boolean): Panel {
  const scale = logarithmic ? ({ type: 'log', domainMin: 1 } as const) : ({ type: 'linear' } as const)
  const x = (field: string) => ({ field, type: 'quantitative', title: null, scale, axis: { tickCount: 4 } }) as const
  const color = {
    field: 'ours',
    legend: null,
    scale: { domain: [true, false], range: [blue, grey] },
  } as const
  return {
    title: panel,
    width: 260,
    height: { step: 30 },
    transform: [
      { filter: { field: 'panel', equal: panel } },
      { calculate: "format(datum.value, '.3~r')", as: 'label' },
    ],
    encoding: { y: { field: 'server', type: 'nominal', sort: [...order], title: null, axis: hasNames ? {} : null } },
    layer: [
      {
        mark: logarithmic ? { type: 'point', filled: true, size: 110, opacity: 1 } : { type: 'bar', height: 16 },
        encoding: { x: x('value'), color: { ...color, type: 'nominal' } },
      },
      { mark: { type: 'rule', color: '#333' }, encoding: { x: x('low'), x2: { field: 'high' } } },
      {
        mark: { type: 'text', align: 'left', dx: 8, color: '#333' },
        encoding: { x: x('high'), text: { field: 'label', type: 'nominal' } },
      },
    ],
  }
}
