import type { JSX } from 'preact'
import { kept } from '../state/rates.ts'

interface Props {
  readonly values: readonly number[]
  /** Values shown at most, the newest at the right. */
  readonly most?: number
}

/** A small graph without numbers, from 0 to the highest value. */
export function Spark({ values, most = kept }: Props): JSX.Element {
  const shown = values.slice(-most)
  // Few values do not fill it, so that one can see that they are few.
  const count = Math.max(shown.length, 20)
  const top = Math.max(...shown, 1e-9) * 1.25
  const points = shown.map((value, at) => {
    const x = 100 - ((shown.length - 1 - at) / (count - 1)) * 100
    return `${x.toFixed(1)} ${(24 - (value / top) * 23).toFixed(1)}`
  })
  const first = 100 - ((shown.length - 1) / (count - 1)) * 100
  return (
    <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      {shown.length > 1 && <path class="area" d={`M${first.toFixed(1)} 24L${points.join('L')}L100 24Z`} />}
      {shown.length > 1 && <path class="stroke" d={`M${points.join('L')}`} />}
    </svg>
  )
}
