import { setTimeout as pause } from 'node:timers/promises'

/** Milliseconds between two scrapes, as Prometheus is mostly told. */
const scrapeInterval = 5_000
/** Seconds between two reports to a dashboard. */
const reportInterval = 2

/** Who looks at a server: Prometheus, and somebody with a dashboard open. */
export class Observer {
  readonly #url: string
  readonly #headers: { readonly authorization: string }

  constructor(url: string, token: string) {
    this.#url = url
    this.#headers = { authorization: `Bearer ${token}` }
  }

  /** Looks for so many milliseconds. @throws when the server does not show something */
  async look(duration: number): Promise<void> {
    const signal = AbortSignal.timeout(duration)
    try {
      await Promise.all([this.#scrape(signal), this.#watch(signal)])
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  async #scrape(signal: AbortSignal): Promise<void> {
    for (;;) {
      const answer = await this.#get('/metrics', signal)
      await answer.text()
      await pause(scrapeInterval, undefined, { signal })
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const events = await this.#get(`/api/v1/events?report=${reportInterval}`, signal)
    for await (const _ of events.body ?? []) signal.throwIfAborted()
  }

  async #get(path: string, signal: AbortSignal): Promise<Response> {
    const answer = await fetch(this.#url + path, { headers: this.#headers, signal })
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
    return answer
  }
}
