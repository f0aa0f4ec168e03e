import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { matches, Search } from '../parts/search.tsx'
import { connections, players } from '../state/live.ts'
import { t } from '../texts/index.ts'
import { ViewerTable } from './viewer-table.tsx'

/** All who watch. */
export function Viewers(): JSX.Element {
  const [search, setSearch] = useState('')
  const [isOnlySlow, setOnlySlow] = useState(false)
  const all = players.value
  const rows = all.filter(({ app, name, connection, isSlow }) => {
    if (isOnlySlow && !isSlow) return false
    if (search === '') return true
    const peer = connections.value.get(connection)
    return matches(search, `${app}/${name}`, peer?.remote.address, peer?.client)
  })
  const slow = all.reduce((sum, { isSlow }) => sum + Number(isSlow), 0)
  return (
    <section class="page" aria-labelledby="title">
      <header>
        <h1 id="title">{t('viewers')}</h1>
        {slow > 0 && <span class="badge bad">{t('slowCount', { count: slow })}</span>}
        <label class="check">
          <input
            type="checkbox"
            checked={isOnlySlow}
            onChange={({ currentTarget }) => setOnlySlow(currentTarget.checked)}
          />
          {t('onlySlow')}
        </label>
        <Search label={t('searchViewers')} value={search} onInput={setSearch} shown={rows.length} all={all.length} />
      </header>
      <ViewerTable rows={rows} empty={all.length === 0 ? t('noViewers') : t('noMatch')} />
    </section>
  )
}
