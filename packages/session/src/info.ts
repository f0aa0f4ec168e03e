import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { LiveStream } from './live/live-stream.ts'
import type { PublishingType } from './plugin.ts'
import type { Status } from './status.ts'
import type { PeerAddress } from './transport.ts'

/** A client's connection as plugins see it. */
export interface ConnectionInfo {
  /** Crypto-random, unique among this server's connections. */
  readonly id: string
  /** URL scheme it came by: `rtmp`, `rtmps`, `rtmpt`, `rtmpts`, … */
  readonly transport: string
  readonly secure: boolean
  readonly remote: PeerAddress
  /** From `connect`; empty before it. */
  readonly app: string
  readonly tcUrl: string
  readonly flashVer: string
  /** Aborted when the connection has ended. */
  readonly signal: AbortSignal
  /** Ends the connection, telling the client why if a status is given. */
  end(status?: Status): void
}

/** A publish in progress. */
export interface PublishInfo {
  readonly connection: ConnectionInfo
  readonly app: string
  readonly streamName: string
  readonly query: URLSearchParams
  readonly publishingType: PublishingType
  /** What is published; `stream.subscribe()` reads it. */
  readonly stream: LiveStream
  /** Ends the publish, telling the client why; its connection stays. */
  end(status?: Status): void
}

/** A play in progress. */
export interface PlayInfo {
  readonly connection: ConnectionInfo
  readonly app: string
  readonly streamName: string
  readonly query: URLSearchParams
  /** The live stream that is played; undefined when a private source is. */
  readonly stream: LiveStream | undefined
  /** Messages not sent because the player could not take them. */
  readonly dropped: number
  /** Ends the play, telling the client why; its connection stays. */
  end(status?: Status): void
}

/** Messages of a stream, as plugins read and write them. */
export type { RtmpMessage }
