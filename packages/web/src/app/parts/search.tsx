import type { JSX } from 'preact'
import { t } from '../texts/index.ts'
import { count } from '../format.ts'
import { Icon } from './icon.tsx'

interface Props {
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
  readonly shown: number
  readonly all: number
}

/** A field that narrows a table, and how much of it is left. */
export function Search({ label, value, onInput, shown, all }: Props): JSX.Element {
  return (
    <div class="search">
      <label>
        <Icon name="search" />
        <input
          type="search"
          aria-label={label}
          placeholder={t('search')}
          value={value}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
      </label>
      <span class="quiet">{t('shownOf', { shown: count(shown), all: count(all) })}</span>
    </div>
  )
}

/** Whether all words of a search stand in a text. */
export function matches(search: string, ...texts: readonly (string | undefined)[]): boolean {
  const text = texts.join(' ').toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}
