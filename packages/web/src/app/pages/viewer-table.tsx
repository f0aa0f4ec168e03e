import type { PlayerReport } from '@rtmpipe/http'
import type { JSX } from 'preact'
import { bytes, count, since, span } from '../format.ts'
import { confirm } from '../parts/confirm.tsx'
import { type Column, Table } from '../parts/table/table.tsx'
import { api } from '../state/api.ts'
import { connections, now } from '../state/live.ts'
import { hrefOf } from '../state/place.ts'
import { session } from '../state/session.ts'
import { t } from '../texts/index.ts'

interface Props {
  readonly rows: readonly PlayerReport[]
  /** Beside the table of streams: without what the panel says already. */
  readonly isNarrow?: boolean
  readonly empty?: string
}

/** Who watches, the slow ones marked and first. */
export function ViewerTable({ rows, isNarrow = false, empty = t('noViewers') }: Props): JSX.Element {
  return (
    <Table
      label={t('viewers')}
      columns={columns(isNarrow)}
      rows={rows}
      keyOf={({ id }) => id}
      classOf={({ isSlow }) => (isSlow ? 'slow' : '')}
      order={{ key: 'waiting', isDown: true }}
      empty={empty}
    />
  )
}

function columns(isNarrow: boolean): readonly Column<PlayerReport>[] {
  const all: readonly (Column<PlayerReport> & { readonly isWide?: boolean })[] = [
    {
      key: 'address',
      label: t('address'),
      width: 9,
      grow: 1.3,
      by: ({ connection }) => connections.value.get(connection)?.remote.address ?? '',
      cell: ({ connection, isSlow }) => (
        <>
          <i class={isSlow ? 'dot bad' : 'dot on'} />
          <span title={connections.value.get(connection)?.client}>{address(connection)}</span>
          {isSlow && <span class="badge bad">{t('slow')}</span>}
        </>
      ),
    },
    {
      key: 'stream',
      label: t('stream'),
      width: 8,
      grow: 1.3,
      isWide: true,
      by: ({ app, name }) => `${app}/${name}`,
      cell: ({ app, name, stream }) =>
        stream === undefined ? (
          `${app}/${name}`
        ) : (
          <a href={hrefOf({ page: 'streams', stream })} title={`${app}/${name}`}>
            <span class="quiet">{app}/</span>
            {name}
          </a>
        ),
    },
    {
      key: 'client',
      label: t('client'),
      width: 7,
      grow: 1,
      isWide: true,
      by: ({ connection }) => connections.value.get(connection)?.client ?? '',
      cell: ({ connection }) => <span class="soft">{connections.value.get(connection)?.client || '–'}</span>,
    },
    {
      key: 'waiting',
      label: t('waitingBytes'),
      width: isNarrow ? 5.6 : 6.2,
      isNumber: true,
      // Slow ones stand together, whatever waits for the others at the moment.
      by: ({ lag, isSlow }) => (isSlow ? lag.bytes + 2 ** 50 : Math.floor(lag.bytes / 65_536)),
      cell: ({ lag, isSlow }) => <span class={isSlow ? 'bad' : 'soft'}>{bytes(lag.bytes)}</span>,
    },
    {
      key: 'lag',
      label: t('lag'),
      width: isNarrow ? 4.6 : 5,
      isNumber: true,
      by: ({ lag }) => lag.duration,
      cell: ({ lag, isSlow }) => <span class={isSlow ? 'bad' : 'soft'}>{span(lag.duration)}</span>,
    },
    {
      key: 'dropped',
      label: t('dropped'),
      width: isNarrow ? 4.8 : 5.2,
      isNumber: true,
      by: ({ dropped }) => dropped,
      cell: ({ dropped }) =>
        dropped === 0 ? <span class="quiet">0</span> : <span class="warn">{count(dropped)}</span>,
    },
    {
      key: 'sent',
      label: t('sent'),
      width: 6,
      isNumber: true,
      isWide: true,
      by: ({ sent }) => sent,
      cell: ({ sent }) => <span class="soft">{bytes(sent)}</span>,
    },
    {
      key: 'since',
      label: t('watching'),
      width: 6.5,
      isNumber: true,
      isWide: true,
      by: ({ since: begun }) => -Date.parse(begun),
      cell: ({ since: begun }) => <span class="soft">{since(begun, now.value)}</span>,
    },
  ]
  const shown = all.filter(({ isWide }) => !(isNarrow && isWide))
  if (session.value?.role !== 'operate') return shown
  return [...shown, { key: 'act', label: t('action'), width: isNarrow ? 4 : 5.6, isNumber: true, cell: End }]
}

function End({ id, connection, app, name }: PlayerReport): JSX.Element {
  const who = address(connection)
  return (
    <button
      type="button"
      class="small"
      aria-label={`${t('endPlayer')}: ${who}`}
      onClick={() =>
        confirm({
          text: t('endPlayerAsk', { name: `${app}/${name}`, who }),
          label: t('endPlayer'),
          act: () => api.endPlayer(id),
        })
      }
    >
      {t('end')}
    </button>
  )
}

function address(connection: string): string {
  const remote = connections.value.get(connection)?.remote
  return remote === undefined ? '…' : remote.address
}
