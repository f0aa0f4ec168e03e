import { blue, drawChart, grey, type Panel } from '../../scripts/draw-chart.js'
import { quantile } from './histogram.ts'
import { controlRate, linkRate, type Results, smallRecovery } from './results.ts'

/** What viewers miss, by fault: median as a point, up to the 99th of a hundred as a line. */
export async function recoveryChart(results: Results): Promise<string> {
  const values = Object.entries(smallRecovery(results)).map(([fault, counts]) => ({
    fault,
    p50: quantile(counts, 0.5) / 1_000,
    p99: quantile(counts, 0.99) / 1_000,
  }))
  const y = { field: 'fault', type: 'nominal', title: null, sort: '-x' } as const
  return drawChart({
    title: 'Longest gap of a viewer, seconds: median and p99',
    width: 520,
    height: { step: 24 },
    data: { values },
    layer: [
      {
        mark: { type: 'rule', color: grey, strokeWidth: 4 },
        encoding: { y, x: { field: 'p50', type: 'quantitative', title: null }, x2: { field: 'p99' } },
      },
      {
        mark: { type: 'point', filled: true, size: 90, opacity: 1, color: blue },
        encoding: { y, x: { field: 'p50', type: 'quantitative' } },
      },
    ],
  })
}

/** Control messages by nodes, and what crosses between two regions by viewers. */
export async function trafficChart({ runs }: Results): Promise<string> {
  const control = runs.map(run => ({ x: run.nodes, y: controlRate(run) }))
  const links = runs
    .map(run => ({ x: run.tally.players / run.tally.schedules, y: linkRate(run) }))
    .filter(({ x, y }) => x > 0 && y > 0)
  return drawChart({
    hconcat: [
      panel('Control messages a second, by nodes', 'nodes', control),
      panel('Bytes a second of a link of two regions, by players', 'players', links),
    ],
  })
}

function panel(title: string, name: string, values: readonly { readonly x: number; readonly y: number }[]): Panel {
  return {
    title,
    width: 280,
    height: 220,
    data: { values: [...values] },
    mark: { type: 'line', point: { size: 70, color: blue }, color: blue },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: name, scale: { type: 'log' }, axis: { tickCount: 4 } },
      y: { field: 'y', type: 'quantitative', title: null, scale: { type: 'log' }, axis: { tickCount: 4 } },
    },
  }
}
