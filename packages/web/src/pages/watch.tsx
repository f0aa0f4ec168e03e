import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { StreamName } from './address.ts'
import { Chat } from './chat.tsx'
import { field } from './field.ts'
import { Screen } from './ways/screen.tsx'

/**
 * Plays a stream. What stands behind `#` in the page's address goes to the server as the query of the stream's name, such as
 * `#key=…`: browsers send no such part with a request, and no log or Referer has it, unless the stream is played by FLV or
 * HLS, whose requests have the query in their URL.
 */
export function Watch({ app, name }: StreamName): JSX.Element {
  const query = useFragment()
  const withKey = (event: SubmitEvent): void => {
    event.preventDefault()
    location.hash = `key=${encodeURIComponent(field(event.currentTarget as HTMLFormElement, 'key'))}`
  }
  return (
    <>
      <h1>{name}</h1>
      <div class="watch">
        <section aria-label="Player">
          <Screen key={query} app={app} name={name} query={query} />
          <details>
            <summary>This stream needs a key?</summary>
            <form onSubmit={withKey}>
              <label for="key">Key</label>
              <input id="key" name="key" type="password" autocomplete="off" required maxLength={1_000} />
              <button type="submit">Watch with this key</button>
            </form>
          </details>
        </section>
        <Chat app={app} name={name} />
      </div>
    </>
  )
}

/** What stands behind `#`, also when it changes. */
function useFragment(): string {
  const [fragment, setFragment] = useState(location.hash.slice(1))
  useEffect(() => {
    const changed = (): void => setFragment(location.hash.slice(1))
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  return fragment
}
