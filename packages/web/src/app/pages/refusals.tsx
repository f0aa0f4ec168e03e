import type { RefusalReport } from '@rtmpipe/http'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { clock } from '../format.ts'
import { matches, Search } from '../parts/search.tsx'
import { type Column, Table } from '../parts/table/table.tsx'
import { refusals } from '../state/live.ts'
import { t } from '../texts/index.ts'

/** Who was not let in, and why. */
export function Refusals(): JSX.Element {
  const [search, setSearch] = useState('')
  const all = refusals.value
  const rows = all.filter(({ what, remote, client, app, name, plugin, code, reason }) =>
    matches(search, what, remote.address, client, `${app}/${name ?? ''}`, plugin, code, reason),
  )
  return (
    <section class="page" aria-labelledby="title">
      <header>
        <h1 id="title">{t('refusals')}</h1>
        <Search label={t('searchRefusals')} value={search} onInput={setSearch} shown={rows.length} all={all.length} />
      </header>
      <Table
        label={t('refusals')}
        columns={columns()}
        rows={rows}
        keyOf={({ id, worker }) => `${worker ?? ''}:${id}`}
        empty={all.length === 0 ? t('noRefusals') : t('noMatch')}
      />
    </section>
  )
}

function columns(): readonly Column<RefusalReport>[] {
  return [
    { key: 'at', label: t('when'), width: 8, by: ({ at }) => Date.parse(at), cell: ({ at }) => clock(at) },
    {
      key: 'what',
      label: t('what'),
      width: 6.5,
      by: ({ what }) => what,
      cell: ({ what }) => <span class="badge bad">{what}</span>,
    },
    {
      key: 'name',
      label: t('name'),
      width: 9,
      grow: 1.4,
      by: ({ app, name = '' }) => `${app}/${name}`,
      cell: ({ app, name }) => (
        <span title={name}>
          <span class="quiet">{name === undefined ? app : `${app}/`}</span>
          {name}
        </span>
      ),
    },
    {
      key: 'why',
      label: t('why'),
      width: 12,
      grow: 2.2,
      by: ({ reason }) => reason,
      cell: ({ reason, code }) => <span title={`${code}: ${reason}`}>{reason}</span>,
    },
    {
      key: 'code',
      label: t('code'),
      width: 9,
      grow: 1.5,
      by: ({ code }) => code,
      cell: ({ code }) => (
        <span class="soft" title={code}>
          {code}
        </span>
      ),
    },
    {
      key: 'by',
      label: t('refusedBy'),
      width: 7,
      grow: 1,
      by: ({ plugin = '' }) => plugin,
      cell: ({ plugin }) => plugin ?? <span class="quiet">{t('theServer')}</span>,
    },
    {
      key: 'address',
      label: t('address'),
      width: 8,
      grow: 1,
      by: ({ remote }) => remote.address,
      cell: ({ remote }) => <span title={`${remote.address}:${remote.port}`}>{remote.address}</span>,
    },
    {
      key: 'client',
      label: t('client'),
      width: 7,
      grow: 1,
      by: ({ client }) => client,
      cell: ({ client }) => (
        <span class="soft" title={client}>
          {client || '–'}
        </span>
      ),
    },
  ]
}
