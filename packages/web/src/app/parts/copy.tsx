import type { JSX } from 'preact'
import { t } from '../texts/index.ts'
import { Icon } from './icon.tsx'
import { tell } from './notes.tsx'

/** A value with a button that copies it. */
export function Copy({ label, value }: { readonly label: string; readonly value: string }): JSX.Element {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value)
      tell(t('copied'))
    } catch {
      tell(t('copyFailed'), true)
    }
  }
  return (
    <div class="copy">
      <span class="label">{label}</span>
      <code>{value}</code>
      <button type="button" class="quiet" aria-label={`${t('copy')}: ${label}`} onClick={() => void copy()}>
        <Icon name="copy" />
      </button>
    </div>
  )
}
