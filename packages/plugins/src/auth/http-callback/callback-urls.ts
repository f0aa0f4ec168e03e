import { type CallbackEvent, callbackEvents } from './callback-event.ts'
import type { CallbackUrl, HttpCallbackOptions } from './callback-options.ts'

/** Where to ask about which event. */
export class CallbackUrls {
  readonly #urls: ReadonlyMap<CallbackEvent, readonly string[]>

  /** @throws TypeError for what is no http(s) URL, and for an event that the format does not have */
  constructor(url: HttpCallbackOptions['url'], known: readonly CallbackEvent[]) {
    const isForAll = typeof url === 'string' || Array.isArray(url)
    const byEvent = isForAll
      ? Object.fromEntries(known.map(event => [event, url as CallbackUrl]))
      : (url as Partial<Record<CallbackEvent, CallbackUrl>>)
    const entries = callbackEvents.map(event => [event, [byEvent[event] ?? []].flat()] as const)
    for (const [event, urls] of entries) {
      if (urls.length > 0 && !known.includes(event)) throw new TypeError(`this format knows no event ${event}`)
      urls.forEach(checkUrl)
    }
    this.#urls = new Map(entries)
  }

  of(event: CallbackEvent): readonly string[] {
    return this.#urls.get(event) ?? []
  }
}

function checkUrl(url: string): void {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new TypeError(`expected a URL like http://host/path for callbacks, not ${JSON.stringify(url)}`)
  }
}
