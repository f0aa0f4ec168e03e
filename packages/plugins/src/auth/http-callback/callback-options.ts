import type { Awaitable, ConnectionInfo } from '@rtmpipe/session'
import type { Action } from '../action.ts'
import type { CallbackEvent } from './callback-event.ts'

/** One or several, which are asked one after another and must all agree. */
export type CallbackUrl = string | readonly string[]

/** A stream that nginx-rtmp would relay by itself. */
export interface CallbackRelay {
  /** `publish`: to be passed on there. `play`: to be fetched from there. */
  readonly action: Action
  /** The `rtmp://` URL of the answer. */
  readonly url: string
  /** Application of the stream here. */
  readonly app: string
  /** Name of the stream here, without query. */
  readonly streamName: string
  /** Who publishes or plays it. */
  readonly connection: ConnectionInfo
}

/** Which web server to ask, and in which format. */
export interface HttpCallbackOptions {
  /**
   * Where to ask: one URL for all events that the format has, or a URL for each event; an event without a URL is not
   * asked about. Ports that `fetch` blocks, such as 22, are refused.
   */
  readonly url: CallbackUrl | Readonly<Partial<Record<CallbackEvent, CallbackUrl>>>
  /** Format of questions and answers. Default `rtmpipe`. */
  readonly format?: 'rtmpipe' | 'nginx-rtmp' | 'srs' | 'mediamtx'
  /**
   * Asks again about each publish and play every `interval` milliseconds (30,000): a refusal ends it, a missing answer
   * does not. Formats `rtmpipe` and `nginx-rtmp` (`on_update`). Default never.
   */
  readonly update?: { readonly url: CallbackUrl; readonly interval?: number }
  /** Told of the files that {@link HttpCallback.recorded} is given; not by `mediamtx`. Default nobody. */
  readonly recorded?: CallbackUrl
  /**
   * `GET` has the fields in the query, as with `notify_method get` of nginx-rtmp; for that format only. Default `POST`.
   */
  readonly method?: 'GET' | 'POST'
  /** Milliseconds for one attempt. Default 3,000; all attempts must fit into the deadline of hooks (10,000). */
  readonly timeout?: number
  /** Further attempts when there was no answer. After any answer there is no further attempt. Default 1. */
  readonly retries?: number
  /**
   * Signs requests: `X-Rtmpipe-Signature: t=SECONDS,v1=HMAC-SHA-256(SECONDS.BODY)`, in hex; of a GET, BODY is the
   * query. Default none.
   */
  readonly secret?: string
  /**
   * Called when an answer says that a stream is to be relayed. Without it, such an answer counts as a refusal. Format
   * `nginx-rtmp` only.
   */
  onRelay?(relay: CallbackRelay): Awaitable<void>
}

/** Requests under way and waiting, for all connections of a plugin. Beyond it gates refuse and notices are dropped. */
export const maxPendingCallbacks = 10_000
