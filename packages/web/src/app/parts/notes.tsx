import { type Signal, signal } from '@preact/signals'
import type { JSX } from 'preact'
import { t } from '../texts/index.ts'

interface Note {
  readonly text: string
  readonly isFault: boolean
}

const note: Signal<Note | undefined> = signal(undefined)
let timer: ReturnType<typeof setTimeout> | undefined

/** Tells something for a while; the newest replaces what is shown. */
export function tell(text: string, isFault = false): void {
  note.value = { text, isFault }
  clearTimeout(timer)
  timer = setTimeout(() => (note.value = undefined), isFault ? 12_000 : 4000)
}

/** Tells how something came out. @returns whether it went well */
export async function attempt(act: Promise<unknown>): Promise<boolean> {
  try {
    await act
    tell(t('done'))
    return true
  } catch (error) {
    tell(error instanceof TypeError ? t('notReached') : error instanceof Error ? error.message : String(error), true)
    return false
  }
}

export function Notes(): JSX.Element {
  const { value } = note
  return (
    <div class="notes" role="status">
      {value !== undefined && <p class={value.isFault ? 'note fault' : 'note'}>{value.text}</p>}
    </div>
  )
}
