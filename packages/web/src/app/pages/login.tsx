import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { hasExpired, type LoginFault, signIn } from '../state/session.ts'
import { t } from '../texts/index.ts'
import { Choices } from './choices.tsx'
import { Mark } from './mark.tsx'

/** Asks for the token. */
export function Login(): JSX.Element {
  const [token, setToken] = useState('')
  const [fault, setFault] = useState<LoginFault>()
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setFault(await signIn(token.trim()))
    setBusy(false)
  }
  const words = fault !== undefined ? t(fault) : hasExpired.value ? t('sessionExpired') : ''
  return (
    <main class="login">
      <form onSubmit={event => void submit(event)} class="card">
        <h1>
          <Mark />
          rtmpipe
        </h1>
        <label for="token">{t('token')}</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          required
          maxLength={500}
          value={token}
          aria-invalid={fault !== undefined}
          aria-describedby="fault hint"
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
        />
        <p id="fault" class="fault" role="alert">
          {words}
        </p>
        <button type="submit" class="primary" disabled={isBusy}>
          {t('signIn')}
        </button>
        <p id="hint" class="hint">
          {t('signInHint')}
        </p>
      </form>
      <Choices />
    </main>
  )
}
