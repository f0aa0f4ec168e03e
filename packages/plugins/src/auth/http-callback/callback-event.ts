import type { ConnectionInfo, PublishingType } from '@rtmpipe/session'

/** What a web server can be asked (the first three) or told. */
export const callbackEvents = ['connect', 'publish', 'play', 'publishEnd', 'playEnd', 'disconnect'] as const
export type CallbackEvent = (typeof callbackEvents)[number]

/** What is known of a client beside its {@link ConnectionInfo}. */
export interface CallbackClient {
  /** Counts from 1. */
  readonly number: number
  /** Milliseconds since 1970 at which it came. */
  readonly connected: number
  readonly swfUrl: string
  readonly pageUrl: string
  /** Query that stood behind the application, as it was sent. */
  readonly appQuery: string
}

/** One question or notice, for a {@link CallbackFormat} to put into words. */
export interface Callback {
  readonly event: CallbackEvent
  readonly connection: ConnectionInfo
  readonly client: CallbackClient
  readonly app: string
  /** '' where there is none yet. */
  readonly streamName: string
  /** Query parameters of tcUrl, application and stream name. */
  readonly query: URLSearchParams
  /** Those that came with the stream name, as a text without question mark. */
  readonly streamQuery: string
  readonly publishingType: PublishingType
  readonly start: number | 'live' | 'any'
  readonly duration: number | undefined
}
