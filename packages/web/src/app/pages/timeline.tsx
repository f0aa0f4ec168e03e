import type { ServerEvent } from '@rtmpipe/http'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { clock, count, since } from '../format.ts'
import { type Column, Table } from '../parts/table/table.tsx'
import { events, now, streams } from '../state/live.ts'
import { hrefOf } from '../state/place.ts'
import { type Lane, lanes } from '../state/publish-times.ts'
import { t } from '../texts/index.ts'

const ranges = [
  { minutes: 10, label: 'last10' },
  { minutes: 60, label: 'last60' },
  { minutes: 360, label: 'last360' },
] as const

/** Publishers coming and going, and everything else that has happened. */
export function Timeline(): JSX.Element {
  const [minutes, setMinutes] = useState(10)
  const end = now.value
  const from = end - minutes * 60_000
  const rows = lanes(events.value, streams.value, from)
  return (
    <section class="page halves" aria-labelledby="title">
      <header>
        <h1 id="title">{t('timeline')}</h1>
        <div class="choice" role="group" aria-label={t('range')}>
          {ranges.map(range => (
            <button
              key={range.minutes}
              type="button"
              aria-pressed={range.minutes === minutes}
              onClick={() => setMinutes(range.minutes)}
            >
              {t(range.label)}
            </button>
          ))}
        </div>
      </header>
      <h2>{t('publishers')}</h2>
      <Table
        label={t('timeline')}
        columns={laneColumns(from, end, minutes)}
        rows={rows}
        keyOf={({ stream }) => stream}
        empty={t('noEvents')}
      />
      <h2>{t('events')}</h2>
      <Table
        label={t('events')}
        columns={eventColumns()}
        rows={events.value.toReversed()}
        keyOf={({ id }) => id}
        empty={t('noEvents')}
      />
    </section>
  )
}

function laneColumns(from: number, end: number, minutes: number): readonly Column<Lane>[] {
  return [
    {
      key: 'stream',
      label: t('stream'),
      width: 16,
      cell: ({ stream }) => (
        <a href={hrefOf({ page: 'streams', stream })} title={stream}>
          {stream}
        </a>
      ),
    },
    {
      key: 'lane',
      label: t('timeline'),
      head: (
        <span class="scale">
          <span>−{count(minutes)} min</span>
          <span>{t('now')}</span>
        </span>
      ),
      width: 16,
      grow: 1,
      cell: lane => <Bars lane={lane} from={from} end={end} />,
    },
    {
      key: 'count',
      label: t('publishes'),
      width: 8,
      isNumber: true,
      cell: ({ times }) => <span class="soft">{count(times.length)}</span>,
    },
  ]
}

interface BarsProps {
  readonly lane: Lane
  readonly from: number
  readonly end: number
}

function Bars({ lane: { stream, times, refusals }, from, end }: BarsProps): JSX.Element {
  const at = (time: number): number => Math.max(0, ((time - from) / (end - from)) * 1000)
  const spoken = times.map(({ from: begun, to }) => {
    return `${begun === 0 ? '…' : clock(new Date(begun).toISOString())}–${to === undefined ? t('now') : clock(new Date(to).toISOString())}`
  })
  return (
    <svg
      class="bars"
      viewBox="0 0 1000 20"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${stream}: ${spoken.join(', ')}`}
    >
      {[200, 400, 600, 800].map(x => (
        <path key={x} class="tick" d={`M${x} 0V20`} />
      ))}
      {times.map(({ from: begun, to, code }) => (
        <rect
          key={begun}
          class={to === undefined ? 'on' : code === undefined ? 'past' : 'failed'}
          x={at(begun)}
          y={6}
          width={Math.max(3, at(to ?? end) - at(begun))}
          height={8}
        >
          <title>{to === undefined ? since(new Date(begun).toISOString(), end) : (code ?? '')}</title>
        </rect>
      ))}
      {refusals.map(time => (
        <path key={time} class="refused" d={`M${at(time)} 2V18`} />
      ))}
    </svg>
  )
}

function eventColumns(): readonly Column<ServerEvent>[] {
  return [
    { key: 'at', label: t('when'), width: 8, cell: ({ at }) => clock(at) },
    {
      key: 'type',
      label: t('event'),
      width: 9,
      cell: ({ type, code }) => (
        <span class={type === 'refusal' || code !== undefined ? 'badge bad' : 'badge'}>{type}</span>
      ),
    },
    {
      key: 'text',
      label: t('what'),
      width: 16,
      grow: 1,
      cell: ({ text }) => <span title={text}>{text}</span>,
    },
    {
      key: 'code',
      label: t('code'),
      width: 16,
      cell: ({ code }) => <span class="soft">{code ?? ''}</span>,
    },
  ]
}
