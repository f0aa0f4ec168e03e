import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

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

interface Order {
  readonly key: string
  readonly isDown: boolean
}

interface Props<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string | number
  readonly classOf?: (row: Row) => string
  /** Key of the row that is open. */
  readonly opened?: string | undefined
  readonly onOpen?: (row: Row) => void
  readonly order?: Order
  /** Shown when there are no rows. */
  readonly empty: ComponentChildren
}

const rowHeight = 38
/** Rows beyond the edges, so that the eye does not see them come. */
const extra = 6

/** A table of any length: only the rows that are seen are in the page. */
export function Table<Row>(props: Props<Row>): JSX.Element {
  const { label, columns, rows, keyOf, classOf, opened, onOpen, empty } = props
  const [order, setOrder] = useState(props.order)
  const scroller = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 600 })

  useEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    const look = (): void => setView({ top: element.scrollTop, height: element.clientHeight })
    const watch = new ResizeObserver(look)
    watch.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      watch.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [])

  const sorted = sort(rows, columns, order)
  const first = Math.max(0, Math.min(Math.floor(view.top / rowHeight) - extra, sorted.length - 1))
  const shown = sorted.slice(first, first + Math.ceil(view.height / rowHeight) + 2 * extra)
  const tracks = columns.map(({ width, grow }) =>
    grow === undefined ? `${width}rem` : `minmax(${width}rem, ${grow}fr)`,
  )
  // All rows have the same width, or their columns would not stand below each other.
  const least = columns.reduce((sum, { width }) => sum + width, 0)
  const style = { '--columns': tracks.join(' '), '--least': `calc(${least}rem + ${columns.length * 14 + 14}px)` }
  return (
    <div
      class="table"
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      tabIndex={0}
      ref={scroller}
      style={style}
    >
      <div role="rowgroup" class="head">
        <div role="row" class="row" aria-rowindex={1}>
          {columns.map(column => (
            <Head key={column.key} column={column} order={order} setOrder={setOrder} />
          ))}
        </div>
      </div>
      {rows.length === 0 && <div class="empty">{empty}</div>}
      <div role="rowgroup" class="body" style={{ height: `${sorted.length * rowHeight}px` }}>
        {shown.map((row, at) => {
          const key = keyOf(row)
          const isOpen = opened !== undefined && opened === key
          return (
            <div
              key={key}
              role="row"
              aria-rowindex={first + at + 2}
              aria-current={isOpen ? 'true' : undefined}
              class={`row ${onOpen ? 'opens' : ''} ${classOf?.(row) ?? ''}`}
              style={{ top: `${(first + at) * rowHeight}px` }}
              onClick={onOpen && (() => onOpen(row))}
            >
              {columns.map(({ key: name, cell, isNumber }) => (
                <div key={name} role="cell" class={isNumber ? 'cell number' : `cell of-${name}`}>
                  {cell(row)}
                </div>
              ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}

interface HeadProps<Row> {
  readonly column: Column<Row>
  readonly order: Order | undefined
  readonly setOrder: (order: Order) => void
}

function Head<Row>({ column, order, setOrder }: HeadProps<Row>): JSX.Element {
  const { key, label, head = label, by, isNumber = false } = column
  const isMine = order?.key === key
  const direction = order?.isDown ? 'descending' : 'ascending'
  return (
    <div role="columnheader" class={isNumber ? 'cell number' : 'cell'} aria-sort={isMine ? direction : undefined}>
      {by === undefined ? (
        head
      ) : (
        <button type="button" onClick={() => setOrder({ key, isDown: isMine ? !order.isDown : isNumber })}>
          {label}
          <span class="arrow" aria-hidden="true">
            {isMine ? (order.isDown ? '↓' : '↑') : ''}
          </span>
        </button>
      )}
    </div>
  )
}

function sort<Row>(rows: readonly Row[], columns: readonly Column<Row>[], order: Order | undefined): readonly Row[] {
  const by = columns.find(({ key }) => key === order?.key)?.by
  if (by === undefined || order === undefined) return rows
  const sign = order.isDown ? -1 : 1
  return rows
    .map(row => ({ row, value: by(row) }))
    .sort(({ value: one }, { value: two }) => (one < two ? -sign : one > two ? sign : 0))
    .map(({ row }) => row)
}
