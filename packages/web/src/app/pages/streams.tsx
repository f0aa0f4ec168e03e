import type { StreamReport } from '@rtmpipe/http'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { bits, bytes, count, signed, since, span } from '../format.ts'
import { type Column, Table } from '../parts/table/table.tsx'
import { Icon } from '../parts/icon.tsx'
import { matches, Search } from '../parts/search.tsx'
import { Spark } from '../parts/spark.tsx'
import { codecNames, picture } from '../state/codecs.ts'
import { now, streamRates, streams } from '../state/live.ts'
import { go, hrefOf, place } from '../state/place.ts'
import { t } from '../texts/index.ts'
import { ObsCard } from './obs-card.tsx'

/** Columns that have no room beside an opened stream. */
const narrow = ['output', 'since']

export function Streams(): JSX.Element {
  const [search, setSearch] = useState('')
  const rows = streams.value.filter(stream => matches(search, stream.id, codecNames(stream), picture(stream)))
  return (
    <section class="page" aria-labelledby="title">
      <header>
        <h1 id="title">{t('streams')}</h1>
        <Search
          label={t('searchStreams')}
          value={search}
          onInput={setSearch}
          shown={rows.length}
          all={streams.value.length}
        />
      </header>
      <Table
        label={t('streams')}
        columns={columns().filter(({ key }) => place.value.stream === undefined || !narrow.includes(key))}
        rows={rows}
        keyOf={({ id }) => id}
        opened={place.value.stream}
        onOpen={({ id }) => go({ page: 'streams', stream: id })}
        order={{ key: 'name', isDown: false }}
        empty={streams.value.length === 0 ? <NoStreams /> : t('noMatch')}
      />
    </section>
  )
}

function NoStreams(): JSX.Element {
  return (
    <div class="welcome">
      <h2>{t('noStreams')}</h2>
      <p>{t('noStreamsHint')}</p>
      <ObsCard app="live" name="stream" />
    </div>
  )
}

function columns(): readonly Column<StreamReport>[] {
  return [
    {
      key: 'name',
      label: t('name'),
      width: 11.5,
      grow: 2,
      by: ({ id }) => id.toLowerCase(),
      cell: ({ app, name, id, isPublishing }) => (
        <>
          <i class={isPublishing ? 'dot on' : 'dot wait'} title={t(isPublishing ? 'onAirState' : 'waitingState')} />
          <a href={hrefOf({ page: 'streams', stream: id })} title={id}>
            <span class="quiet">{app}/</span>
            {name}
          </a>
        </>
      ),
    },
    {
      key: 'picture',
      label: t('picture'),
      width: 10,
      grow: 1,
      by: ({ codecs }) => codecs.reduce((most, { width = 0, height = 0 }) => Math.max(most, width * height), 0),
      cell: stream => picture(stream) ?? <span class="quiet">{isAudioOnly(stream) ? t('audioOnly') : '–'}</span>,
    },
    {
      key: 'codecs',
      label: t('codecs'),
      width: 7,
      grow: 1,
      by: codecNames,
      cell: stream => <span class="soft">{codecNames(stream) || '–'}</span>,
    },
    {
      key: 'rate',
      label: t('bitRate'),
      width: 11.6,
      isNumber: true,
      by: ({ bitRate }) => bitRate,
      cell: ({ id, bitRate }) => (
        <>
          <Spark values={streamRates.of(id)} most={60} />
          <span class="value">{bits(bitRate)}</span>
        </>
      ),
    },
    {
      key: 'gop',
      label: t('gop'),
      width: 4.5,
      isNumber: true,
      by: ({ gop }) => gop?.duration ?? -1,
      cell: ({ gop }) =>
        gop === undefined ? (
          <span class="quiet">–</span>
        ) : (
          <span title={t('pictures', { count: gop.pictures })} class={gop.duration > 5000 ? 'warn' : ''}>
            {span(gop.duration)}
          </span>
        ),
    },
    {
      key: 'drift',
      label: t('drift'),
      width: 5.7,
      isNumber: true,
      by: ({ clockDrift }) => Math.abs(clockDrift ?? -1),
      cell: ({ clockDrift }) =>
        clockDrift === undefined ? (
          <span class="quiet">–</span>
        ) : (
          <span class={Math.abs(clockDrift) > 1000 ? 'warn' : ''}>{signed(clockDrift)}</span>
        ),
    },
    {
      key: 'gaps',
      label: t('gaps'),
      width: 3.8,
      isNumber: true,
      by: ({ gaps }) => gaps,
      cell: ({ gaps }) => (gaps === 0 ? <span class="quiet">0</span> : <span class="warn">{count(gaps)}</span>),
    },
    {
      key: 'viewers',
      label: t('viewers'),
      width: 5,
      isNumber: true,
      by: ({ viewers }) => viewers,
      cell: ({ viewers }) => (viewers === 0 ? <span class="quiet">0</span> : count(viewers)),
    },
    {
      key: 'output',
      label: t('output'),
      width: 10,
      grow: 0.8,
      cell: stream => <Outputs {...stream} />,
    },
    {
      key: 'since',
      label: t('onAir'),
      width: 6,
      isNumber: true,
      by: ({ since: begun }) => (begun === undefined ? 0 : -Date.parse(begun)),
      cell: ({ since: begun }) => <span class="soft">{since(begun, now.value)}</span>,
    },
  ]
}

function isAudioOnly({ codecs }: StreamReport): boolean {
  return codecs.length > 0 && codecs.every(({ kind }) => kind === 'audio')
}

function Outputs({ recordings, relays }: StreamReport): JSX.Element {
  if (recordings.length + relays.length === 0) return <span class="quiet">–</span>
  const size = recordings.reduce((sum, each) => sum + each.bytes, 0)
  const running = relays.filter(({ state }) => state === 'running').length
  return (
    <span class="outputs">
      {recordings.length > 0 && (
        <span class="badge rec" title={t('recording')}>
          <i class="dot rec" />
          {bytes(size)}
        </span>
      )}
      {relays.length > 0 && (
        <span class={running === relays.length ? 'badge' : 'badge warn'} title={t('relays')}>
          <Icon name="outputs" />
          {running}/{relays.length}
        </span>
      )}
    </span>
  )
}
