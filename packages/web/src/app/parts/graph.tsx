import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { colours } from '../state/theme.ts'
import { kept } from '../state/rates.ts'
import { language } from '../texts/index.ts'

interface Props {
  readonly label: string
  /** One every `every` seconds, the newest last. */
  readonly values: readonly number[]
  readonly every?: number
  readonly height?: number
  readonly format: (value: number) => string
  /** True of bytes: the lines then stand at powers of two. */
  readonly isBinary?: boolean
}

/** Steps of bytes that read well. */
const powers = Array.from({ length: 42 }, (_, at) => 2 ** at)

/** A graph of the last five minutes. Its picture is for eyes; its label says the newest value. */
export function Graph({ label, values, every = 2, height = 150, format, isBinary = false }: Props): JSX.Element {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const paint = colours.value
  const { value: spoken } = language

  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const made = new uPlot(optionsOf(element, height, format, isBinary), dataOf([], every), element)
    plot.current = made
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [paint, spoken, height, format, every, isBinary])

  useEffect(() => plot.current?.setData(dataOf(values, every)))

  const newest = values.at(-1)
  return (
    <div
      class="graph"
      role="img"
      aria-label={newest === undefined ? label : `${label}: ${format(newest)}`}
      ref={place}
    />
  )
}

function dataOf(values: readonly number[], every: number): uPlot.AlignedData {
  const missing = kept - values.length
  const times = Array.from({ length: kept }, (_, at) => (at - kept + 1) * every)
  return [times, times.map((_, at) => (at < missing ? null : (values[at - missing] ?? null)))]
}

function optionsOf(
  element: HTMLElement,
  height: number,
  format: (value: number) => string,
  isBinary: boolean,
): uPlot.Options {
  const style = getComputedStyle(element)
  const [ink, grid, stroke, fill] = ['--quiet', '--line', '--accent', '--accent-soft'].map(name =>
    colour(element, name),
  )
  const font = `11px ${style.fontFamily}`
  const axis: uPlot.Axis = {
    stroke: ink!,
    font,
    grid: { stroke: grid!, width: 1 },
    ticks: { show: false },
  }
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 8, 0, 0],
    scales: { x: { time: false }, y: { range: (_, _low, high) => [0, high > 0 ? high * 1.15 : 1] } },
    axes: [
      { ...axis, size: 22, space: 26, incrs: [60], values: (_, ticks) => ticks.map(minutes) },
      {
        ...axis,
        size: (_, labels) => 14 + Math.max(0, ...(labels ?? []).map(({ length }) => length)) * 6,
        space: 30,
        values: (_, ticks) => ticks.map(tick => format(tick)),
        ...(isBinary && { incrs: powers }),
      },
    ],
    series: [{}, { stroke: stroke!, fill: fill!, width: 1.5, points: { show: false } }],
  }
}

function minutes(seconds: number): string {
  return seconds === 0 ? '0' : `${seconds / 60}\u202fmin`.replace('-', '−')
}

/** A canvas does not know `light-dark()`: the browser makes a plain colour of it. */
function colour(element: HTMLElement, name: string): string {
  const probe = document.createElement('i')
  probe.style.color = `var(${name})`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
