import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { type Column, type Order, sorted, widths } from './column.ts'
import { Head } from './head.tsx'
import { Row, rowHeight } from './row.tsx'

export type { Column } from './column.ts'

interface Props<Of> {
  readonly label: string
  readonly columns: readonly Column<Of>[]
  readonly rows: readonly Of[]
  readonly keyOf: (row: Of) => string | number
  readonly classOf?: (row: Of) => string
  /** Key of the row that is open. */
  readonly opened?: string | undefined
  readonly onOpen?: (row: Of) => void
  readonly order?: Order
  /** Shown when there are no rows. */
  readonly empty: ComponentChildren
}

/** Rows come and go so many at a time. */
const step = 4
/** Rows beyond the edges, so that the eye does not see them come. */
const extra = 2 * step

/** A table of any length: only the rows that are seen are in the page. */
export function Table<Of>(props: Props<Of>): JSX.Element {
  const { label, columns, rows, keyOf, classOf, opened, onOpen, empty } = props
  const [order, setOrder] = useState(props.order)
  const scroller = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const [height, setHeight] = useState(24)

  useEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    const look = (): void => {
      setTop(Math.floor(element.scrollTop / rowHeight / step) * step)
      setHeight(Math.ceil(element.clientHeight / rowHeight))
    }
    const watch = new ResizeObserver(look)
    watch.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      watch.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [])

  const all = useMemo(() => sorted(rows, columns, order), [rows, columns, order])
  const first = Math.max(0, Math.min(top, all.length - height) - extra)
  const shown = all.slice(first, first + height + step + 2 * extra)
  return (
    <div
      class="table"
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      tabIndex={0}
      ref={scroller}
      style={widths(columns)}
    >
      <Head columns={columns} order={order} setOrder={setOrder} />
      {rows.length === 0 && <div class="empty">{empty}</div>}
      <div role="rowgroup" class="body" style={{ height: `${all.length * rowHeight}px` }}>
        {shown.map((row, at) => (
          <Row
            key={keyOf(row)}
            row={row}
            at={first + at}
            columns={columns}
            isOpen={opened !== undefined && opened === keyOf(row)}
            class={`row ${onOpen ? 'opens' : ''} ${classOf?.(row) ?? ''}`}
            onOpen={onOpen}
          />
        ))}
      </div>
    </div>
  )
}
