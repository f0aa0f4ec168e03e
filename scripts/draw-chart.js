// Charts for the docs, as SVG: those of `bench` and of `simulate` look the same.
import { parse, View } from 'vega'
import { compile } from 'vega-lite'

export const blue = '#0b6e99'
export const grey = '#a9b4bc'

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
}

/** @param spec what differs from chart to chart */
export async function drawChart(spec) {
  return await new View(parse(compile({ ...frame, ...spec }).spec), { renderer: 'none' }).toSVG()
}
