import type { JSX } from 'preact'
import { language } from '../../texts/index.ts'
import type { Column } from './column.ts'

/** Pixels. */
export const rowHeight = 38

interface Props<Of> {
  readonly row: Of
  /** Its place among all rows. */
  readonly at: number
  readonly columns: readonly Column<Of>[]
  readonly isOpen: boolean
  readonly class: string
  readonly onOpen: ((row: Of) => void) | undefined
}

/** One row of a table, at its place. */
export function Row<Of>({ row, at, columns, isOpen, class: name, onOpen }: Props<Of>): JSX.Element {
  // What reads a signal is drawn again only for other properties, or when the signal changes: scrolling draws new rows only.
  void language.value
  return (
    <div
      role="row"
      aria-rowindex={at + 2}
      aria-current={isOpen ? 'true' : undefined}
      class={name}
      style={{ top: `${at * rowHeight}px` }}
      onClick={onOpen && (({ target }) => !isControl(target) && onOpen(row))}
    >
      {columns.map(({ key, cell, isNumber }) => (
        <div key={key} role="cell" class={isNumber ? 'cell number' : `cell of-${key}`}>
          {cell(row)}
        </div>
      ))}
    </div>
  )
}

/** What does something by itself. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('a, button') !== null
}
