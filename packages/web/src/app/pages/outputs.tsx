import type { RecordingReport, RelayReport } from '@rtmpipe/http'
import type { JSX } from 'preact'
import { bytes, count, since } from '../format.ts'
import { attempt } from '../parts/notes.tsx'
import { type Column, Table } from '../parts/table/table.tsx'
import { api } from '../state/api.ts'
import { now, streams } from '../state/live.ts'
import { hrefOf } from '../state/place.ts'
import { session } from '../state/session.ts'
import { t } from '../texts/index.ts'
import { RelayButtons, RelayDot, relayState } from './relay-card.tsx'

/** What goes to files and to other servers. */
export function Outputs(): JSX.Element {
  const recordings = streams.value.flatMap(each => each.recordings)
  const relays = streams.value.flatMap(each => each.relays)
  return (
    <section class="page halves" aria-labelledby="title">
      <header>
        <h1 id="title">{t('outputs')}</h1>
      </header>
      <h2>
        {t('recordings')} <span class="quiet">{count(recordings.length)}</span>
      </h2>
      <Table
        label={t('recordings')}
        columns={recordingColumns()}
        rows={recordings}
        keyOf={({ id }) => id}
        empty={t('noRecordings')}
      />
      <h2>
        {t('relays')} <span class="quiet">{count(relays.length)}</span>
      </h2>
      <Table
        label={t('relays')}
        columns={relayColumns()}
        rows={relays}
        keyOf={({ id }) => id}
        classOf={({ state }) => (state === 'waiting' ? 'slow' : '')}
        empty={t('noRelays')}
      />
    </section>
  )
}

function StreamLink({ id }: { readonly id: string }): JSX.Element {
  return (
    <a href={hrefOf({ page: 'streams', stream: id })} title={id}>
      {id}
    </a>
  )
}

function recordingColumns(): readonly Column<RecordingReport>[] {
  const columns: readonly Column<RecordingReport>[] = [
    {
      key: 'stream',
      label: t('stream'),
      width: 12,
      grow: 2,
      by: ({ stream }) => stream,
      cell: ({ stream }) => (
        <>
          <i class="dot rec" />
          <StreamLink id={stream} />
        </>
      ),
    },
    { key: 'by', label: t('by'), width: 8, grow: 1, by: ({ by }) => by, cell: ({ by }) => by },
    {
      key: 'since',
      label: t('since'),
      width: 8,
      isNumber: true,
      by: ({ since: begun }) => -Date.parse(begun),
      cell: ({ since: begun }) => since(begun, now.value),
    },
    {
      key: 'size',
      label: t('size'),
      width: 8,
      isNumber: true,
      by: ({ bytes: size }) => size,
      cell: ({ bytes: size }) => bytes(size),
    },
  ]
  if (session.value?.role !== 'operate') return columns
  const stop: Column<RecordingReport> = {
    key: 'act',
    label: t('action'),
    width: 7,
    isNumber: true,
    cell: ({ id, stream }) => (
      <button
        type="button"
        class="small"
        aria-label={`${t('recordStop')}: ${stream}`}
        onClick={() => void attempt(api.endRecording(id))}
      >
        {t('recordStop')}
      </button>
    ),
  }
  return [...columns, stop]
}

function relayColumns(): readonly Column<RelayReport>[] {
  const columns: readonly Column<RelayReport>[] = [
    {
      key: 'stream',
      label: t('stream'),
      width: 10,
      grow: 1.3,
      by: ({ stream }) => stream,
      cell: relay => (
        <>
          <RelayDot relay={relay} />
          <StreamLink id={relay.stream} />
        </>
      ),
    },
    {
      key: 'url',
      label: t('relay'),
      width: 12,
      grow: 2,
      by: ({ url }) => url,
      cell: ({ url, direction }) => (
        <span title={url}>
          <span class="quiet">{t(direction)}</span> {url}
        </span>
      ),
    },
    { key: 'state', label: t('state'), width: 6, by: ({ state }) => state, cell: relayState },
    {
      key: 'since',
      label: t('since'),
      width: 6,
      isNumber: true,
      by: ({ since: begun }) => -Date.parse(begun),
      cell: ({ since: begun }) => since(begun, now.value),
    },
    {
      key: 'sent',
      label: t('size'),
      width: 6,
      isNumber: true,
      by: ({ bytes: size }) => size,
      cell: ({ bytes: size }) => bytes(size),
    },
    {
      key: 'attempts',
      label: t('attempts'),
      width: 6,
      isNumber: true,
      by: ({ attempts }) => attempts,
      cell: ({ attempts }) => count(attempts),
    },
    {
      key: 'error',
      label: t('lastError'),
      width: 12,
      grow: 2,
      by: ({ lastError = '' }) => lastError,
      cell: ({ lastError }) =>
        lastError === undefined ? (
          <span class="quiet">–</span>
        ) : (
          <span class="bad" title={lastError}>
            {lastError}
          </span>
        ),
    },
  ]
  if (session.value?.role !== 'operate') return columns
  const act: Column<RelayReport> = {
    key: 'act',
    label: t('action'),
    width: 7,
    isNumber: true,
    cell: relay => <RelayButtons relay={relay} />,
  }
  return [...columns, act]
}
