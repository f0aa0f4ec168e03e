import { checkPort } from '../blocked-port.ts'
import { type CallbackEvent, callbackEvents, type CallbackKind } from './callback-event.ts'
import type { CallbackUrl, HttpCallbackOptions } from './callback-options.ts'

/** Where to ask about what. */
export class CallbackUrls {
  readonly #urls: ReadonlyMap<CallbackKind, readonly string[]>

  /** @throws TypeError for what is no http(s) URL, for a port that `fetch` blocks, and for an event that the format does not have */
  constructor({ url, update, recorded }: UrlOptions, known: readonly CallbackKind[]) {
    const urls = { ...byEvent(url, known), update: update?.url, recorded }
    const entries = Object.entries(urls).map(([event, one]) => [event as CallbackKind, [one ?? []].flat()] as const)
    for (const [event, all] of entries) {
      if (all.length > 0 && !known.includes(event)) throw new TypeError(`this format knows no event ${event}`)
      all.forEach(checkUrl)
    }
    this.#urls = new Map(entries)
  }

  of(event: CallbackKind): readonly string[] {
    return this.#urls.get(event) ?? []
  }
}

type UrlOptions = Pick<HttpCallbackOptions, 'url' | 'update' | 'recorded'>

function byEvent(url: UrlOptions['url'], known: readonly CallbackKind[]): Partial<Record<CallbackEvent, CallbackUrl>> {
  const isForAll = typeof url === 'string' || Array.isArray(url)
  if (!isForAll) return url as Partial<Record<CallbackEvent, CallbackUrl>>
  const all = callbackEvents.filter(event => known.includes(event))
  return Object.fromEntries(all.map(event => [event, url as CallbackUrl]))
}

function checkUrl(url: string): void {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new TypeError(`expected a URL like http://host/path for callbacks, not ${JSON.stringify(url)}`)
  }
  checkPort(new URL(url))
}
