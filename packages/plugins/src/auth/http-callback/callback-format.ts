import type { Callback, CallbackKind } from './callback-event.ts'

/** What is sent. */
export interface CallbackRequest {
  readonly contentType: string
  readonly body: string
}

/** What came back, with all of its body. */
export interface CallbackResponse {
  readonly status: number
  /** Header `Location`; '' without one. */
  readonly location: string
  readonly body: string
}

/** What an answer means. */
export type CallbackVerdict =
  /** `user`: who the web server says it is. */
  | { readonly kind: 'allow'; readonly user?: string | undefined }
  /** The description is told to the client. */
  | { readonly kind: 'deny'; readonly description?: string }
  | { readonly kind: 'rename'; readonly streamName: string; readonly user?: string | undefined }
  /** The stream is to be relayed from or to another server. */
  | { readonly kind: 'relay'; readonly url: string }

/** How a kind of server writes its questions to the web server, and reads the answers. */
export interface CallbackFormat {
  readonly events: readonly CallbackKind[]
  /** Requests of one event, in their order. */
  requests(callback: Callback): readonly CallbackRequest[]
  verdict(event: CallbackKind, response: CallbackResponse): CallbackVerdict
}

/** A request with a JSON body. */
export function jsonRequest(value: object): CallbackRequest {
  return { contentType: 'application/json', body: JSON.stringify(value) }
}

/** The value of a body in JSON; undefined for any other. */
export function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return undefined
  }
}
