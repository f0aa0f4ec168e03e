import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { watched } from './address.ts'
import { Live } from './live.tsx'
import { Publish } from './publish.tsx'
import { Watch } from './watch.tsx'

const nav = [
  ['/', 'Live'],
  ['/publish', 'Publish'],
] as const

/** All pages: the path says which. */
export function App(): JSX.Element {
  const { pathname } = location
  const stream = pathname.startsWith('/watch/') ? watched(pathname) : undefined
  useEffect(() => {
    document.title = stream?.name ?? (pathname === '/publish' ? 'Publish' : 'Live')
  }, [])
  return (
    <>
      <header>
        <nav aria-label="Pages">
          {nav.map(([path, text]) => (
            <a key={path} href={path} aria-current={path === pathname ? 'page' : undefined}>
              {text}
            </a>
          ))}
        </nav>
      </header>
      <main>{stream !== undefined ? <Watch {...stream} /> : pathname === '/publish' ? <Publish /> : <Live />}</main>
    </>
  )
}
