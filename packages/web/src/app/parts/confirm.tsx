import { type Signal, signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../texts/index.ts'
import { attempt } from './notes.tsx'

interface Question {
  readonly text: string
  /** Of the button that does it. */
  readonly label: string
  readonly act: () => Promise<unknown>
}

const question: Signal<Question | undefined> = signal(undefined)

/** Asks before something is done that can't be undone. */
export function confirm(next: Question): void {
  question.value = next
}

export function Confirm(): JSX.Element | null {
  return question.value === undefined ? null : <Dialog {...question.value} />
}

function Dialog({ text, label, act }: Question): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => dialog.current?.showModal(), [])
  const close = (): void => {
    question.value = undefined
  }
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="question">
      <form
        method="dialog"
        onSubmit={event => {
          event.preventDefault()
          close()
          void attempt(act())
        }}
      >
        <p id="question">{text}</p>
        <div class="buttons">
          <button type="button" onClick={close}>
            {t('cancel')}
          </button>
          <button type="submit" class="danger">
            {label}
          </button>
        </div>
      </form>
    </dialog>
  )
}
