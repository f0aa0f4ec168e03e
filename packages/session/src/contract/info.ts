import type { Status } from '../protocol/status.ts'
import type { ConnectionInfo } from './connection-info.ts'
import type { Context } from './context.ts'
import type { Principal } from './principal.ts'
import type { StreamView } from './stream-view.ts'

/** `live` is not kept; `record` and `append` ask a recorder to. */
export type PublishingType = 'live' | 'record' | 'append'

/** A publish in progress. */
export interface PublishInfo {
  /** Who publishes. */
  readonly connection: ConnectionInfo
  /** Application with its instance, without query. */
  readonly app: string
  /** Name it is published under, without query, after renames. */
  readonly streamName: string
  /** Query parameters of `tcUrl`, app and stream name, merged in this order; the later wins. */
  readonly query: URLSearchParams
  /** What the client wrote behind the stream's name, as it wrote it and without the `?`; '' for nothing. */
  readonly rawQuery: string
  /** What is to become of the stream beside being played. */
  readonly publishingType: PublishingType
  /** What plugins have found out about this publish: the same object that its gates were given. */
  readonly context: Context
  /** Who the publisher has proved to be, for this publish or else for its connection. */
  readonly principal: Principal | undefined
  /** What is published; `stream.subscribe()` reads it. */
  readonly stream: StreamView
  /**
   * True when nothing, not a byte, has come from its publisher for 5 s, as after a cut line: a newcomer who may have the
   * name takes its place.
   */
  readonly isSilent: boolean
  /**
   * True when it goes on with a stream that players see as one with what was there before: its publisher has come back, or
   * takes the place of another one.
   */
  readonly isResumed: boolean
  /**
   * Sends the publisher a status about its stream, which goes on; also after its end, as long as the client is there.
   */
  tell(status: Status): void
  /**
   * Publishes under another name of the application from here on, as if the client had asked for it: gates are asked, and
   * what late players begin with goes along.
   */
  redirect(streamName: string): void
  /** Ends the publish, telling the client why; its connection stays. */
  end(status?: Status): void
}

/** What waits for a consumer that has not taken it yet. */
export interface Lag {
  /** Bytes. */
  readonly bytes: number
  /** Milliseconds between the arrivals of the oldest and the newest message that wait. */
  readonly duration: number
}

/** A play in progress. */
export interface PlayInfo {
  /** Unique among the plays of this server. */
  readonly id: string
  /** Who plays. */
  readonly connection: ConnectionInfo
  /** Application with its instance, without query. */
  readonly app: string
  /** Name of what is played, without query, after renames. */
  readonly streamName: string
  /** Query parameters of `tcUrl`, app and stream name, merged in this order; the later wins. */
  readonly query: URLSearchParams
  /** What the client wrote behind the stream's name, as it wrote it and without the `?`; '' for nothing. */
  readonly rawQuery: string
  /** What plugins have found out about this play: the same object that its gates were given. */
  readonly context: Context
  /** Who the player has proved to be, for this play or else for its connection. */
  readonly principal: Principal | undefined
  /** The live stream that is played; undefined when a private source is. */
  readonly stream: StreamView | undefined
  /** When it began. */
  readonly since: Date
  /**
   * Bytes that the player's connection has taken since the play began, until its end. What the connection carries
   * beside the play is counted too.
   */
  readonly bytes: number
  /** What waits for the player: messages in its queue, and bytes that its connection has not taken. */
  readonly lag: Lag
  /**
   * Messages not sent because the player could not take them, and those that its connection gave up as they were late (RTMFP).
   * What the connection carries beside the play is counted too.
   */
  readonly dropped: number
  /** Milliseconds of media that the player wants to buffer; 1,000 until it says so. */
  readonly bufferLength: number
  /** Sends the player a User Control event about its stream that rtmpipe does not send by itself (RTMP 1.0 §7.1.7). */
  tell(event: 'StreamDry' | 'BufferEmpty' | 'BufferReady'): void
  /** Plays another stream of the application from here on, as if the client had asked for it: gates are asked. */
  redirect(streamName: string): void
  /** Ends the play, telling the client why; its connection stays. */
  end(status?: Status): void
}
