import type { ComponentChildren } from 'preact'

/** A column of a table. */
export interface Column<Row> {
  readonly key: string
  readonly label: string
  /** In place of the label, for eyes. */
  readonly head?: ComponentChildren
  /** At least, in rem. */
  readonly width: number
  /** Its share of the room that is left; none by default. */
  readonly grow?: number
  /** Numbers stand at the end. */
  readonly isNumber?: boolean
  readonly cell: (row: Row) => ComponentChildren
  /** What the rows can be sorted by. */
  readonly by?: (row: Row) => number | string
}

/** By which column rows are sorted. */
export interface Order {
  readonly key: string
  readonly isDown: boolean
}

/** As the style of a table: tracks of a CSS grid, and the width that all rows have at least, or they would differ. */
export function widths<Row>(columns: readonly Column<Row>[]): Record<string, string> {
  const tracks = columns.map(({ width, grow }) =>
    grow === undefined ? `${width}rem` : `minmax(${width}rem, ${grow}fr)`,
  )
  const least = columns.reduce((sum, { width }) => sum + width, 0)
  return { '--columns': tracks.join(' '), '--least': `calc(${least}rem + ${columns.length * 14 + 14}px)` }
}

/** The rows in their order; as they come without one. */
export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  order: Order | undefined,
): readonly Row[] {
  const by = columns.find(({ key }) => key === order?.key)?.by
  if (by === undefined || order === undefined) return rows
  const sign = order.isDown ? -1 : 1
  return rows
    .map(row => ({ row, value: by(row) }))
    .sort(({ value: one }, { value: two }) => (one < two ? -sign : one > two ? sign : 0))
    .map(({ row }) => row)
}
