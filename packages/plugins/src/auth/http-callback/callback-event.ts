import type { ConnectionInfo, Principal, PublishingType } from '@rtmpipe/session'
import type { Action } from '../action.ts'

/** What a web server can be asked (the first three) or told. */
export const callbackEvents = ['connect', 'publish', 'play', 'publishEnd', 'playEnd', 'disconnect'] as const
/** An event that a web server can be asked about (`connect`, `publish`, `play`) or told of. */
export type CallbackEvent = (typeof callbackEvents)[number]

/** All events: those, the repeated questions, and files that a recorder has completed. */
export type CallbackKind = CallbackEvent | 'update' | 'recorded'

/** How far a publish or a play is. */
export interface CallbackProgress {
  readonly action: Action
  /** Seconds since it began. */
  readonly time: number
  /** Timestamp of the last message, in milliseconds. */
  readonly timestamp: number
}

/** A file that a recorder has completed. */
export interface CallbackFile {
  /** Absolute path. */
  readonly file: string
  /** Milliseconds of media. */
  readonly duration: number
  readonly bytes: number
}

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
  readonly event: CallbackKind
  readonly connection: ConnectionInfo
  readonly client: CallbackClient
  readonly app: string
  /** '' where there is none yet. */
  readonly streamName: string
  /** Who the client has proved to be. */
  readonly principal: Principal | undefined
  /** Query parameters of tcUrl, application and stream name. */
  readonly query: URLSearchParams
  /** Query of the stream name, without question mark; as it was sent, if that is known. */
  readonly rawQuery: string
  readonly publishingType: PublishingType
  readonly start: number | 'live' | 'any'
  readonly duration: number | undefined
  /** Of an `update`. */
  readonly progress: CallbackProgress | undefined
  /** Of `recorded`. */
  readonly recorded: CallbackFile | undefined
}
