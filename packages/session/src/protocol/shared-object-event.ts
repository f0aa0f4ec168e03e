import type { AmfValue } from '@rtmpipe/amf'

/** Event types of shared object messages (RTMP 1.0 §7.1.3). */
export const SharedObjectEventType = {
  Use: 1,
  Release: 2,
  RequestChange: 3,
  Change: 4,
  Success: 5,
  SendMessage: 6,
  Status: 7,
  Clear: 8,
  Remove: 9,
  RequestRemove: 10,
  UseSuccess: 11,
} as const

/** The name of a shared object event. */
export type SharedObjectEventType = keyof typeof SharedObjectEventType

/** A property and its value. */
export type SharedObjectProperty = readonly [key: string, value: AmfValue]

/** What a client asks to do to a shared object. */
export type SharedObjectWrite =
  | { readonly type: 'RequestChange'; readonly key: string; readonly value: AmfValue }
  | { readonly type: 'RequestRemove'; readonly key: string }
  /** Also what the server tells everybody, the sender too. */
  | { readonly type: 'SendMessage'; readonly handler: string; readonly args: readonly AmfValue[] }

/** A shared object event with its data. */
export type SharedObjectEvent =
  | SharedObjectWrite
  /** A client wants the object, or wants it no more. */
  | { readonly type: 'Use' | 'Release' }
  /** The server has it for the client; its state follows a Clear. */
  | { readonly type: 'UseSuccess' | 'Clear' }
  /** What others have changed; also the state of the object. */
  | { readonly type: 'Change'; readonly properties: readonly SharedObjectProperty[] }
  /** Success answers RequestChange; Remove is told to everybody. */
  | { readonly type: 'Success' | 'Remove'; readonly key: string }
  | { readonly type: 'Status'; readonly code: string; readonly level: string }
  /** An unknown event, kept as it came. */
  | { readonly type: 'Unknown'; readonly eventType: number; readonly data: Buffer }

/** A shared object message taken apart (RTMP 1.0 §7.1.3). */
export interface SharedObjectMessage {
  /** Of the shared object. */
  readonly name: string
  /** Counts the batches of changes; unsigned 32 bit. */
  readonly version: number
  /** Kept when nobody uses it. */
  readonly persistent: boolean
  /** What it says, in order. */
  readonly events: readonly SharedObjectEvent[]
}
