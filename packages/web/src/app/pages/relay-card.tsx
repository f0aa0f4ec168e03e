import type { RelayReport } from '@rtmpipe/http'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { bytes, count, since } from '../format.ts'
import { confirm } from '../parts/confirm.tsx'
import { attempt } from '../parts/notes.tsx'
import { api } from '../state/api.ts'
import { now } from '../state/live.ts'
import { session } from '../state/session.ts'
import { t } from '../texts/index.ts'

const dots = { running: 'dot on', connecting: 'dot wait', waiting: 'dot bad' } as const

/** The word for a relay's state. */
export function relayState({ state }: RelayReport): string {
  return t(({ running: 'relayRunning', connecting: 'relayConnecting', waiting: 'relayWaiting' } as const)[state])
}

export function RelayDot({ relay }: { readonly relay: RelayReport }): JSX.Element {
  return <i class={dots[relay.state]} />
}

/** One relay, with what can be done about it. */
export function RelayCard({ relay }: { readonly relay: RelayReport }): JSX.Element {
  const [isChanging, setChanging] = useState(false)
  const { id, url, direction, by, bytes: size, attempts, lastError, since: begun } = relay
  const mayAct = session.value?.role === 'operate'
  return (
    <section class="card">
      <h3>
        <RelayDot relay={relay} />
        {t('relay')} <span class="quiet">{by}</span>
        {mayAct && <RelayButtons relay={relay} onChange={() => setChanging(!isChanging)} />}
      </h3>
      <p class="line">
        <span class="url" title={url}>
          <span class="quiet">{t(direction)}</span> {url}
        </span>
      </p>
      <p class="line">
        <span>{relayState(relay)}</span>
        <span class="quiet">{since(begun, now.value)}</span>
        <span>{bytes(size)}</span>
        <span class="quiet">
          {t('attempts')}: {count(attempts)}
        </span>
      </p>
      {lastError !== undefined && <p class="fault">{lastError}</p>}
      {isChanging && (
        <RelayForm
          onCancel={() => setChanging(false)}
          onSave={async next => (await attempt(api.changeRelay(id, next))) && setChanging(false)}
        />
      )}
    </section>
  )
}

interface ButtonsProps {
  readonly relay: RelayReport
  readonly onChange?: () => void
}

export function RelayButtons({ relay: { id, url, direction }, onChange }: ButtonsProps): JSX.Element {
  return (
    <>
      {onChange !== undefined && direction === 'push' && (
        <button type="button" class="small" aria-label={`${t('relayChange')}: ${url}`} onClick={onChange}>
          {t('relayChange')}
        </button>
      )}
      <button
        type="button"
        class="small"
        aria-label={`${t('relayRemove')}: ${url}`}
        onClick={() =>
          confirm({ text: t('relayRemoveAsk', { url }), label: t('relayRemove'), act: () => api.endRelay(id) })
        }
      >
        {t('relayRemove')}
      </button>
    </>
  )
}

/** Pushes the stream to one more place. */
export function AddRelay({ stream }: { readonly stream: string }): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  if (!isOpen) {
    return (
      <button type="button" class="add" onClick={() => setOpen(true)}>
        {t('relayAdd')}
      </button>
    )
  }
  return (
    <section class="card" aria-label={t('relayAdd')}>
      <RelayForm
        onCancel={() => setOpen(false)}
        onSave={async url => (await attempt(api.startRelay(stream, url))) && setOpen(false)}
      />
    </section>
  )
}

interface FormProps {
  readonly onCancel: () => void
  readonly onSave: (url: string) => unknown
}

/** The URL may have a key in it: it is shown nowhere again. */
function RelayForm({ onCancel, onSave }: FormProps): JSX.Element {
  const [url, setUrl] = useState('')
  return (
    <form
      class="relay"
      onSubmit={event => {
        event.preventDefault()
        onSave(url.trim())
      }}
    >
      <label>
        <span class="label">{t('relayUrl')}</span>
        <input
          type="text"
          required
          autocomplete="off"
          spellcheck={false}
          maxLength={2000}
          pattern="\s*rtmp[a-z]*://.+"
          placeholder={t('relayUrlHint')}
          value={url}
          onInput={({ currentTarget }) => setUrl(currentTarget.value)}
        />
      </label>
      <div class="buttons">
        <button type="button" onClick={onCancel}>
          {t('cancel')}
        </button>
        <button type="submit" class="primary">
          {t('save')}
        </button>
      </div>
    </form>
  )
}
