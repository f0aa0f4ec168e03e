import type { Destination } from './destination.ts'

/**
 * - `idle`: there is nothing to relay
 * - `connecting`: an attempt is under way
 * - `live`: the far server has said yes
 * - `waiting`: the last attempt failed, and the next comes
 */
export type RelayState = 'idle' | 'connecting' | 'live' | 'waiting'

/** The status of a relay between one stream here and one at another server, at one moment. */
export class RelayStatus {
  /** Application of the stream here. */
  readonly app: string
  /** Name of the stream here, without query. */
  readonly streamName: string
  /** The URL without its secret parts. */
  readonly destination: string
  /** The state of the relay. */
  readonly state: RelayState
  /** Why the last attempt failed, without what may be secret; gone once it is live again. */
  readonly error: string | undefined
  /** Failures since it was live, or since it began. */
  readonly failures: number
  readonly #url: string

  constructor(
    target: { readonly app: string; readonly streamName: string },
    { url, shown }: Destination,
    link: { readonly state: RelayState; readonly error: string | undefined; readonly failures: number },
  ) {
    this.app = target.app
    this.streamName = target.streamName
    this.destination = shown
    this.state = link.state
    this.error = link.error
    this.failures = link.failures
    this.#url = url
  }

  /** The whole URL. It is no own property of the object, so that loggers do not print it. */
  get url(): string {
    return this.#url
  }
}

/** Events of relays. */
export interface RelayEvents {
  /** A relay has another state, or has failed again. */
  state: [status: RelayStatus]
}
