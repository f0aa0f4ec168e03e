import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { count } from './format.ts'
import { Choices } from './pages/choices.tsx'
import { Login } from './pages/login.tsx'
import { Mark } from './pages/mark.tsx'
import { Outputs } from './pages/outputs.tsx'
import { Overview } from './pages/overview.tsx'
import { Refusals } from './pages/refusals.tsx'
import { Server } from './pages/server.tsx'
import { StreamPanel } from './pages/stream-panel.tsx'
import { Streams } from './pages/streams.tsx'
import { Timeline } from './pages/timeline.tsx'
import { Viewers } from './pages/viewers.tsx'
import { Confirm } from './parts/confirm.tsx'
import { Icon } from './parts/icon.tsx'
import { Notes } from './parts/notes.tsx'
import { follow, line, refusals, server } from './state/live.ts'
import { hrefOf, type Page, pages, place } from './state/place.ts'
import { session, signOut } from './state/session.ts'
import { language, t } from './texts/index.ts'

const views: Readonly<Record<Page, () => JSX.Element>> = {
  streams: Streams,
  viewers: Viewers,
  outputs: Outputs,
  refusals: Refusals,
  timeline: Timeline,
  server: Server,
}

export function App(): JSX.Element | null {
  const { value: tag } = language
  useEffect(() => {
    document.documentElement.lang = tag
  }, [tag])
  if (session.value === undefined) return null
  return session.value === null ? <Login /> : <Dashboard />
}

function Dashboard(): JSX.Element {
  useEffect(follow, [])
  const { page, stream } = place.value
  const View = views[page]
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        {t('skip')}
      </a>
      <Bar />
      {server.value?.isDraining && (
        <p class="banner" role="status">
          {t('draining')}
        </p>
      )}
      <Overview />
      <main id="main" class={stream === undefined ? '' : 'split'} tabIndex={-1}>
        <View />
        {page === 'streams' && stream !== undefined && <StreamPanel key={stream} id={stream} />}
      </main>
      <Notes />
      <Confirm />
    </>
  )
}

/** The address bar says where we are: the link must not change it. */
function skip(event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

function Bar(): JSX.Element {
  const { value: state } = line
  const words = { connecting: t('connecting'), live: t('live'), lost: t('lost') }
  return (
    <header class="bar">
      <a class="brand" href={hrefOf({ page: 'streams' })}>
        <Mark />
        rtmpipe
      </a>
      <nav aria-label={t('pages')}>
        {pages.map(page => (
          <a key={page} href={hrefOf({ page })} aria-current={place.value.page === page ? 'page' : undefined}>
            <Icon name={page} />
            <span>{t(page)}</span>
            {page === 'refusals' && refusals.value.length > 0 && <b class="count">{count(refusals.value.length)}</b>}
          </a>
        ))}
      </nav>
      <div class="status" role="status">
        <i class={state === 'live' ? 'dot on' : 'dot bad'} />
        <span>{words[state]}</span>
        {session.value?.role === 'view' && <span class="badge">{t('viewOnly')}</span>}
      </div>
      <Choices />
      <button type="button" class="quiet" aria-label={t('signOut')} title={t('signOut')} onClick={() => void signOut()}>
        <Icon name="leave" />
      </button>
    </header>
  )
}
