// What a server tells of itself: plain data, which goes to another process or into JSON as it is. Times are ISO 8601 in
// UTC, durations milliseconds, sizes bytes, rates bits per second, unless a name says otherwise.

/** An address and a port. */
export interface AddressReport {
  readonly address: string
  readonly port: number
}

/** One process of the server. */
export interface ProcessReport {
  /** Of the several of `--workers`, from 0; absent when there is one. */
  readonly worker?: number
  readonly pid: number
  readonly since: string
  /** Share of one core since the report before, 0 to 1 and more. */
  readonly cpu: number
  /** Resident memory. */
  readonly rss: number
  readonly heapUsed: number
  /** 99th percentile of how late the event loop was in the last ten seconds. */
  readonly eventLoopDelay: number
}

/** All that came and went by one transport since the start. */
export interface TrafficReport {
  readonly transport: string
  readonly accepted: number
  readonly received: number
  readonly sent: number
}

/** The server as a whole. */
export interface ServerReport {
  readonly version: string
  /** Of Node. */
  readonly node: string
  readonly since: string
  readonly isDraining: boolean
  readonly processes: readonly ProcessReport[]
  readonly connections: number
  readonly publishers: number
  readonly players: number
  readonly streams: number
  readonly traffic: readonly TrafficReport[]
}

/** A client's connection. */
export interface ConnectionReport {
  readonly id: string
  readonly worker?: number
  readonly transport: string
  readonly secure: boolean
  readonly remote: AddressReport
  readonly since: string
  /** Empty before `connect`. */
  readonly app: string
  /** Without its query: keys stand there. */
  readonly tcUrl: string
  /** What the client calls itself. */
  readonly client: string
  /** Who it has proved to be. */
  readonly principal?: string
  readonly received: number
  readonly sent: number
  readonly roundTrip?: number
  /** Ids of streams it publishes, and of players it has. */
  readonly publishes: readonly string[]
  readonly plays: readonly string[]
}

/** A codec of a stream. */
export interface CodecReport {
  readonly kind: 'audio' | 'video'
  readonly codec: string
  readonly isEnhanced: boolean
  readonly width?: number
  readonly height?: number
  readonly frameRate?: number
  readonly sampleRate?: number
  readonly channels?: number
}

/** A recording in progress. */
export interface RecordingReport {
  /** Unique while it goes on. */
  readonly id: string
  /** Of the stream. */
  readonly stream: string
  readonly by: string
  readonly since: string
  readonly bytes: number
}

/** A relay of a stream to or from another server. */
export interface RelayReport {
  readonly id: string
  readonly stream: string
  readonly by: string
  readonly direction: 'push' | 'pull'
  /** Where to or from, without key, query and password. */
  readonly url: string
  readonly state: 'connecting' | 'running' | 'waiting'
  /** Since when it is in that state. */
  readonly since: string
  readonly bytes: number
  /** Times that it began anew. */
  readonly attempts: number
  readonly lastError?: string
}

/** A live stream. */
export interface StreamReport {
  /** `app/name`. */
  readonly id: string
  readonly worker?: number
  readonly app: string
  readonly name: string
  readonly isLive: boolean
  readonly isPublishing: boolean
  readonly origin?: 'publisher' | 'source' | 'supply'
  /** Id of the publisher's connection. */
  readonly publisher?: string
  readonly since?: string
  /** Payload of the present publish. */
  readonly received: number
  /** What its viewers have been sent so far, those who have left included. */
  readonly sent: number
  readonly bitRate: number
  readonly codecs: readonly CodecReport[]
  readonly viewers: number
  /** Of the last complete group of pictures. */
  readonly gop?: { readonly duration: number; readonly pictures: number }
  /** How far the publisher's clock has run ahead of ours (or behind, below 0) since the publish began. */
  readonly clockDrift?: number
  /** Times that the publisher's clock jumped by more than a second, and when it last did. */
  readonly gaps: number
  readonly lastGap?: string
  readonly recordings: readonly RecordingReport[]
  readonly relays: readonly RelayReport[]
}

/** A play in progress. */
export interface PlayerReport {
  readonly id: string
  readonly worker?: number
  readonly connection: string
  readonly app: string
  readonly name: string
  /** Of the live stream; absent when a file is played. */
  readonly stream?: string
  readonly since: string
  readonly sent: number
  readonly lag: { readonly bytes: number; readonly duration: number }
  readonly dropped: number
  /** True while something waits that should have gone: its lag is above half a second. */
  readonly isSlow: boolean
}

/** Somebody who was not let in. Of the newest 1,000. */
export interface RefusalReport {
  readonly id: number
  readonly worker?: number
  readonly at: string
  readonly what: 'connect' | 'publish' | 'play' | 'play2' | 'shared object'
  readonly remote: AddressReport
  readonly client: string
  readonly app: string
  /** With its key masked, as in the log. */
  readonly name?: string
  /** Who refused; absent when the server itself did. */
  readonly plugin?: string
  readonly code: string
  readonly reason: string
}

/** What has happened, in the order in which it did. */
export interface ServerEvent {
  /** Goes up by one; unique since the server's start. */
  readonly id: number
  readonly at: string
  readonly type:
    | 'connection.start'
    | 'connection.end'
    | 'publish.start'
    | 'publish.end'
    | 'play.start'
    | 'play.end'
    | 'stream.start'
    | 'stream.end'
    | 'refusal'
    | 'recording.start'
    | 'recording.end'
    | 'relay.change'
    | 'draining'
  readonly worker?: number
  /** Ids of what it is about. */
  readonly connection?: string
  readonly stream?: string
  readonly player?: string
  /** Of an end: the code of its error. */
  readonly code?: string
  /** For people. */
  readonly text: string
  readonly refusal?: RefusalReport
  readonly relay?: RelayReport
}
