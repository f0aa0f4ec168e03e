import type { JSX } from 'preact'
import type { Column, Order } from './column.ts'

interface Props<Row> {
  readonly columns: readonly Column<Row>[]
  readonly order: Order | undefined
  readonly setOrder: (order: Order) => void
}

/** What the columns are called, and buttons that sort by them. */
export function Head<Row>({ columns, order, setOrder }: Props<Row>): JSX.Element {
  return (
    <div role="rowgroup" class="head">
      <div role="row" class="row" aria-rowindex={1}>
        {columns.map(({ key, label, head = label, by, isNumber = false }) => {
          const isMine = order?.key === key
          const direction = order?.isDown ? 'descending' : 'ascending'
          const turn = (): void => setOrder({ key, isDown: isMine ? !order.isDown : isNumber })
          return (
            <div
              key={key}
              role="columnheader"
              class={isNumber ? 'cell number' : 'cell'}
              aria-sort={isMine ? direction : undefined}
            >
              {by === undefined ? (
                head
              ) : (
                <button type="button" onClick={turn}>
                  {label}
                  <span class="arrow" aria-hidden="true">
                    {isMine ? (order.isDown ? '↓' : '↑') : ''}
                  </span>
                </button>
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}
