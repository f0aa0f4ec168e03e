import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { median, type Results } from './results.ts'

const panels = [
  ['cpu', 'Server CPU, ms per delivered Gbit'],
  ['p99', 'Latency p99, ms (logarithmic)'],
] as const

/** The relay comparison as an SVG: what a player costs, and what it waits. Undefined without that comparison. */
export async function relayChart(results: Results): Promise<string | undefined> {
  const relay = results.groups.find(group => group.name === 'relay')
  if (relay === undefined) return undefined
  const values = relay.rows.flatMap(row =>
    panels.flatMap(([key, panel]) => {
      const figures = row.figures[key] ?? []
      if (figures.length === 0) return []
      const [low, high] = [Math.min(...figures), Math.max(...figures)]
      return [{ panel, server: row.name, ours: !row.reference, value: median(figures), low, high }]
    }),
  )
  const order = relay.rows.map(row => row.name)
  const { spec } = compile({
    ...frame,
    data: { values },
    hconcat: panels.map(([key, panel]) => drawPanel(panel, order, key === 'p99')),
  })
  return await new View(parse(spec), { renderer: 'none' }).toSVG()
}

/** A background of its own keeps it readable on a dark page. */
const frame = {
  background: 'white',
  padding: 16,
  config: {
    font: 'sans-serif',
    view: { stroke: null },
    axis: { labelColor: '#333', titleColor: '#333', gridColor: '#e4e4e4', labelLimit: 220 },
    title: { color: '#333', anchor: 'start', fontWeight: 'normal' },
  },
} as const

type Panel = Extract<TopLevelSpec, { hconcat: unknown }>['hconcat'][number]

/** Medians, and the extremes of the rounds as a line. Bars begin at 0; on a logarithmic axis there is no 0, hence dots. */
function drawPanel(panel: string, order: readonly string[], logarithmic: boolean): Panel {
  const isFirst = panel === panels[0][1]
  const scale = logarithmic ? ({ type: 'log', domainMin: 1 } as const) : ({ type: 'linear' } as const)
  const x = (field: string) => ({ field, type: 'quantitative', title: null, scale, axis: { tickCount: 4 } }) as const
  const color = {
    field: 'ours',
    legend: null,
    scale: { domain: [true, false], range: ['#0b6e99', '#a9b4bc'] },
  } as const
  return {
    title: panel,
    width: 260,
    height: { step: 30 },
    transform: [
      { filter: { field: 'panel', equal: panel } },
      { calculate: "format(datum.value, '.3~r')", as: 'label' },
    ],
    encoding: { y: { field: 'server', type: 'nominal', sort: [...order], title: null, axis: isFirst ? {} : null } },
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
