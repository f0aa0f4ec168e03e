import { table } from './tables.ts'
/** One figure that was measured of a real network, and what the model makes of it. */
export interface Checked {
  readonly what: string
  readonly unit: string
  readonly model: number
  /** From, to. */
  readonly measured: readonly [number, number]
  /** Of the model to the nearest that was measured. */
  readonly ratio: number
  readonly isGood: boolean
}

export async function checkModel(): Promise<Checked[]> {
  return []
}

export function checkTable(rows: readonly Checked[]): string {
  return table(
    ['', 'model', 'measured', 'ratio'],
    rows.map(({ what, unit, model, measured: [low, high], ratio }) => [
      what,
      `${model.toPrecision(3)} ${unit}`,
      low === high ? `${low} ${unit}` : `${low}-${high} ${unit}`,
      ratio.toFixed(2),
    ]),
  )
}
