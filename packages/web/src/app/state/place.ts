import { type Signal, signal } from '@preact/signals'

export const pages = ['streams', 'viewers', 'outputs', 'refusals', 'timeline', 'server'] as const
export type Page = (typeof pages)[number]

/** Where we are: `#/streams/live%2Fshow`. */
export interface Place {
  readonly page: Page
  /** Id of the opened stream. */
  readonly stream?: string
}

export const place: Signal<Place> = signal(read(location.hash))

export function hrefOf({ page, stream }: Place): string {
  return stream === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(stream)}`
}

export function go(next: Place): void {
  location.hash = hrefOf(next)
}

/** Follows the address bar. */
export function followPlace(): void {
  addEventListener('hashchange', () => {
    place.value = read(location.hash)
  })
}

export function read(hash: string): Place {
  const [, name, id] = /^#\/(\w+)(?:\/(.+))?$/.exec(hash) ?? []
  const page = pages.find(each => each === name) ?? 'streams'
  if (id === undefined) return { page }
  try {
    return { page, stream: decodeURIComponent(id) }
  } catch {
    return { page }
  }
}
