import type { StreamReport } from '@rtmpipe/http'
import type { JSX } from 'preact'
import { useLayoutEffect } from 'preact/hooks'
import { bits, bytes, codecName, count, signed, since, span } from '../format.ts'
import { confirm } from '../parts/confirm.tsx'
import { Graph } from '../parts/graph.tsx'
import { Icon } from '../parts/icon.tsx'
import { attempt } from '../parts/notes.tsx'
import { api } from '../state/api.ts'
import { picture } from '../state/codecs.ts'
import { connections, now, players, streamRates, streams } from '../state/live.ts'
import { go } from '../state/place.ts'
import { session } from '../state/session.ts'
import { t } from '../texts/index.ts'
import { ObsCard } from './obs-card.tsx'
import { AddRelay, RelayCard } from './relay-card.tsx'
import { ViewerTable } from './viewer-table.tsx'

const close = (): void => go({ page: 'streams' })

/** All about the opened stream, beside the table. */
export function StreamPanel({ id }: { readonly id: string }): JSX.Element {
  // A panel that can be seen can be closed: an effect would come a frame later, and a key pressed meanwhile be lost.
  useLayoutEffect(() => {
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape' && document.querySelector('dialog[open]') === null) close()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  const stream = streams.value.find(each => each.id === id)
  return (
    <aside class="panel" aria-label={id}>
      <header>
        <h2 title={id}>{id}</h2>
        <button type="button" class="quiet" aria-label={t('close')} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      {stream === undefined ? <p class="empty">{t('noStreams')}</p> : <Content {...stream} />}
    </aside>
  )
}

function Content(stream: StreamReport): JSX.Element {
  const { id, app, name, publisher, bitRate } = stream
  const mayAct = session.value?.role === 'operate'
  const from = publisher === undefined ? undefined : connections.value.get(publisher)
  const viewers = players.value.filter(each => each.stream === id)
  return (
    <div class="content" tabIndex={0} role="region" aria-label={id}>
      <Graph label={t('bitRate')} values={rates(id)} format={bits} />
      <p class="figure">
        <strong>{bits(bitRate)}</strong> <span class="quiet">{t('bitRate')}</span>
      </p>
      {mayAct && <Actions {...stream} />}
      <Facts {...stream} />
      {stream.recordings.map(({ id: recording, bytes: size, since: begun, by }) => (
        <section key={recording} class="card">
          <h3>
            <i class="dot rec" />
            {t('recording')} <span class="quiet">{by}</span>
            {mayAct && (
              <button type="button" onClick={() => void attempt(api.endRecording(recording))}>
                {t('recordStop')}
              </button>
            )}
          </h3>
          <p class="line">
            <span>{bytes(size)}</span>
            <span class="quiet">{since(begun, now.value)}</span>
          </p>
        </section>
      ))}
      {stream.relays.map(relay => (
        <RelayCard key={relay.id} relay={relay} />
      ))}
      {mayAct && <AddRelay stream={id} />}
      <section class="viewers" aria-label={t('viewers')}>
        <h3>
          {t('viewers')} <span class="quiet">{count(stream.viewers)}</span>
        </h3>
        <ViewerTable rows={viewers} isNarrow />
      </section>
      <ObsCard app={app} name={name} url={from?.tcUrl} />
    </div>
  )
}

/** A copy: the graph draws again when the report is a new one. */
function rates(id: string): readonly number[] {
  void now.value
  return streamRates.of(id).slice()
}

function Actions({ id, publisher, recordings }: StreamReport): JSX.Element {
  const name = id
  return (
    <div class="actions">
      {recordings.length === 0 && (
        <button type="button" onClick={() => void attempt(api.startRecording(id))}>
          <Icon name="record" />
          {t('recordStart')}
        </button>
      )}
      {publisher !== undefined && (
        <button
          type="button"
          onClick={() =>
            confirm({
              text: t('endConnectionAsk', { who: whoIs(publisher) }),
              label: t('endConnection'),
              act: () => api.endConnection(publisher),
            })
          }
        >
          {t('endPublisher')}
        </button>
      )}
      <button
        type="button"
        class="danger"
        onClick={() =>
          confirm({ text: t('endStreamAsk', { name }), label: t('endStream'), act: () => api.endStream(id) })
        }
      >
        <Icon name="stop" />
        {t('endStream')}
      </button>
    </div>
  )
}

function Facts(stream: StreamReport): JSX.Element {
  const { publisher, codecs, gop, clockDrift, gaps, lastGap, received, sent, origin } = stream
  const from = publisher === undefined ? undefined : connections.value.get(publisher)
  const audio = codecs.find(({ kind }) => kind === 'audio')
  const video = codecs.find(({ kind }) => kind === 'video')
  const origins = { publisher: t('originPublisher'), source: t('originSource'), supply: t('originSupply') }
  const sound = [
    audio?.sampleRate && `${audio.sampleRate / 1000}\u202fkHz`,
    audio?.channels && `${audio.channels} ch`,
  ].filter(Boolean)
  return (
    <dl class="facts">
      <Fact label={t('source')} isWide>
        {from === undefined ? origin && origins[origin] : `${from.remote.address}:${from.remote.port}`}
      </Fact>
      <Fact label={t('client')} isWide>
        {from?.client}
      </Fact>
      <Fact label={t('picture')} isWide>
        {video && [codecName(video.codec), picture(stream)].filter(Boolean).join(' · ')}
      </Fact>
      <Fact label={t('sound')} isWide>
        {audio && [codecName(audio.codec), ...sound].join(' · ')}
      </Fact>
      <Fact label={t('gop')}>{gop && `${span(gop.duration)} · ${t('pictures', { count: gop.pictures })}`}</Fact>
      <Fact label={t('drift')}>{clockDrift === undefined ? undefined : signed(clockDrift)}</Fact>
      <Fact label={t('gaps')}>
        {lastGap === undefined ? count(gaps) : `${count(gaps)} · ${t('lastGap', { ago: since(lastGap, now.value) })}`}
      </Fact>
      <Fact label={t('onAir')}>{since(stream.since, now.value)}</Fact>
      <Fact label={t('received')}>{bytes(received)}</Fact>
      <Fact label={t('sent')}>{bytes(sent)}</Fact>
    </dl>
  )
}

interface FactProps {
  readonly label: string
  readonly isWide?: boolean
  readonly children?: string | undefined
}

function Fact({ label, isWide = false, children }: FactProps): JSX.Element {
  return (
    <div class={isWide ? 'wide' : ''}>
      <dt>{label}</dt>
      <dd title={children}>{children || '–'}</dd>
    </div>
  )
}

/** Address of a connection, as far as we know it. */
export function whoIs(id: string): string {
  return connections.value.get(id)?.remote.address ?? id
}
