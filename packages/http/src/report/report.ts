// What a server tells of itself: plain data, which goes to another process or into JSON as it is. Times are ISO 8601 in
// UTC, durations milliseconds, sizes bytes, rates bits per second, unless a name says otherwise.

/** An address and a port. */
export interface AddressReport {
  /** IP address. */
  readonly address: string
  /** Port. */
  readonly port: number
}

/** One process of the server. */
export interface ProcessReport {
  /** Of the several of `--workers`, from 0; absent when there is one. */
  readonly worker?: number
  /** Process id. */
  readonly pid: number
  /** When it started. */
  readonly since: string
  /** Share of one core since the report before, 0 to 1 and more. */
  readonly cpu: number
  /** Resident memory. */
  readonly rss: number
  /** Used memory of the JavaScript heap, bytes. */
  readonly heapUsed: number
  /** 99th percentile of how late the event loop was in the last ten seconds. */
  readonly eventLoopDelay: number
}

/** All that came and went by one transport since the start. */
export interface TrafficReport {
  /** Such as `rtmp`. */
  readonly transport: string
  /** Connections since the start. */
  readonly accepted: number
  /** Bytes. */
  readonly received: number
  /** Bytes. */
  readonly sent: number
}

/** How the server fares in a cluster of many machines, since the start. */
export interface ClusterReport {
  /** Connections to NATS that it is to have, of all its processes. */
  readonly connections: number
  /** Those of them that are up. */
  readonly connected: number
  /** The servers of NATS that it is connected to, as HOST:PORT. */
  readonly servers: readonly string[]
  /** Streams of other machines that it has joined, at present; of several processes, each counts its own. */
  readonly joined: number
  /** Its own streams that other machines may join, at present. */
  readonly offered: number
  /** Connections after the first ones. */
  readonly reconnects: number
  /** Of those, how many because a server of NATS had fallen silent. */
  readonly frozen: number
  /** Messages that were not sent to other machines: NATS was down, or did not take them in time. */
  readonly dropped: number
  /** Bytes in them. */
  readonly droppedBytes: number
  /** Times that what came from another machine was too old, and thrown away. */
  readonly late: number
  /** Times that messages of another machine were missing, and video waited for the next keyframe. */
  readonly holes: number
  /** Times that another machine was asked again for a stream that had been joined. */
  readonly rejoins: number
  /** Joined streams that were lost while their publish was not known to have ended. */
  readonly lost: number
}

/** The server as a whole. */
export interface ServerReport {
  /** Of rtmpipe. */
  readonly version: string
  /** Of Node. */
  readonly node: string
  /** When it started. */
  readonly since: string
  /** True while it lets nobody new in, and ends when all have left. */
  readonly isDraining: boolean
  /** One, or several with `--workers`. */
  readonly processes: readonly ProcessReport[]
  /** Connections at present. */
  readonly connections: number
  /** Publishes at present. */
  readonly publishers: number
  /** Plays at present. */
  readonly players: number
  /** Streams at present. */
  readonly streams: number
  /** By transport, since the start. */
  readonly traffic: readonly TrafficReport[]
  /** Absent without a cluster of many machines. */
  readonly cluster?: ClusterReport
}

/** A client's connection. */
export interface ConnectionReport {
  /** Unique. */
  readonly id: string
  /** Process of `--workers`, from 0; absent when there is one. */
  readonly worker?: number
  /** Such as `rtmp`. */
  readonly transport: string
  /** True over TLS and RTMFP. */
  readonly secure: boolean
  /** Where it comes from. */
  readonly remote: AddressReport
  /** Its fingerprint, by which other clients can ask for it; only over RTMFP. */
  readonly peerId?: string
  /** When it was accepted. */
  readonly since: string
  /** Empty before `connect`. */
  readonly app: string
  /** Without its query: keys stand there. */
  readonly tcUrl: string
  /** What the client calls itself. */
  readonly client: string
  /** Who it has proved to be. */
  readonly principal?: string
  /** Bytes. */
  readonly received: number
  /** Bytes. */
  readonly sent: number
  /** Milliseconds. */
  readonly roundTrip?: number
  /** Ids of streams it publishes, and of players it has. */
  readonly publishes: readonly string[]
  /** Ids of its players. */
  readonly plays: readonly string[]
}

/** A codec of a stream. */
export interface CodecReport {
  /** What it is of. */
  readonly kind: 'audio' | 'video'
  /** FourCC, such as `avc1` or `mp4a`. */
  readonly codec: string
  /** True when it is sent as Enhanced RTMP. */
  readonly isEnhanced: boolean
  /** Pixels. */
  readonly width?: number
  /** Pixels. */
  readonly height?: number
  /** Pictures per second. */
  readonly frameRate?: number
  /** Hertz. */
  readonly sampleRate?: number
  /** Channels of sound. */
  readonly channels?: number
}

/** A recording in progress. */
export interface RecordingReport {
  /** Unique while it goes on. */
  readonly id: string
  /** Of the stream. */
  readonly stream: string
  /** Plugin that records. */
  readonly by: string
  /** When it began. */
  readonly since: string
  /** Bytes written. */
  readonly bytes: number
}

/** A relay of a stream to or from another server. */
export interface RelayReport {
  /** Unique while it goes on. */
  readonly id: string
  /** Id of the stream. */
  readonly stream: string
  /** Plugin that relays. */
  readonly by: string
  /** To another server, or from it. */
  readonly direction: 'push' | 'pull'
  /** Where to or from, without key, query and password. */
  readonly url: string
  /** What it does. */
  readonly state: 'connecting' | 'running' | 'waiting'
  /** Since when it is in that state. */
  readonly since: string
  /** Bytes relayed. */
  readonly bytes: number
  /** Times that it began anew. */
  readonly attempts: number
  /** What went wrong last. */
  readonly lastError?: string
}

/** A live stream. */
export interface StreamReport {
  /** `app/name`. */
  readonly id: string
  /** Process of `--workers`, from 0; absent when there is one. */
  readonly worker?: number
  /** Application; may have slashes in it, as of an instance. */
  readonly app: string
  /** Name of the stream. */
  readonly name: string
  /** True while it is published, and while its publisher is expected back. */
  readonly isLive: boolean
  /** True while a client publishes it, or it is fetched or supplied. */
  readonly isPublishing: boolean
  /** Where its media comes from. */
  readonly origin?: 'publisher' | 'source' | 'supply'
  /** Id of the publisher's connection. */
  readonly publisher?: string
  /** When the present publish began. */
  readonly since?: string
  /** Payload of the present publish. */
  readonly received: number
  /** Bytes handed to its viewers so far, those who have left included; so is what slow ones have not taken. */
  readonly sent: number
  /** Bits per second, over ten seconds. */
  readonly bitRate: number
  /** What it is made of. */
  readonly codecs: readonly CodecReport[]
  /** Players at present. */
  readonly viewers: number
  /** Of the last complete group of pictures. */
  readonly gop?: { readonly duration: number; readonly pictures: number }
  /** How far the publisher's clock has run ahead of ours (or behind, below 0) since the publish began. */
  readonly clockDrift?: number
  /** Times that the publisher's clock jumped by more than a second, and when it last did. */
  readonly gaps: number
  /** When it last did. */
  readonly lastGap?: string
  /** Of this stream. */
  readonly recordings: readonly RecordingReport[]
  /** Of this stream. */
  readonly relays: readonly RelayReport[]
}

/** A play in progress. */
export interface PlayerReport {
  /** Unique. */
  readonly id: string
  /** Process of `--workers`, from 0; absent when there is one. */
  readonly worker?: number
  /** Id of its connection. */
  readonly connection: string
  /** Application. */
  readonly app: string
  /** Name of the stream or file. */
  readonly name: string
  /** Of the live stream; absent when a file is played. */
  readonly stream?: string
  /** When it began. */
  readonly since: string
  /** Bytes. */
  readonly sent: number
  /** What waits in the server for this player. */
  readonly lag: { readonly bytes: number; readonly duration: number }
  /** Messages that it could not take. */
  readonly dropped: number
  /** True while something waits that should have gone: its lag is above half a second. */
  readonly isSlow: boolean
}

/** Somebody who was not let in. Of the newest 1,000. */
export interface RefusalReport {
  /** Goes up. */
  readonly id: number
  /** Process of `--workers`, from 0; absent when there is one. */
  readonly worker?: number
  /** When. */
  readonly at: string
  /** What was refused. */
  readonly what: 'connect' | 'publish' | 'play' | 'play2' | 'shared object'
  /** Where it comes from. */
  readonly remote: AddressReport
  /** What the client calls itself. */
  readonly client: string
  /** Application. */
  readonly app: string
  /** With its key masked, as in the log. */
  readonly name?: string
  /** Who refused; absent when the server itself did. */
  readonly plugin?: string
  /** Status code that the client was told. */
  readonly code: string
  /** Why. */
  readonly reason: string
}

/** What has happened, in the order in which it did. */
export interface ServerEvent {
  /** Goes up by one; unique since the server's start. */
  readonly id: number
  /** When. */
  readonly at: string
  /** What. */
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
  /** Process of `--workers`, from 0; absent when there is one. */
  readonly worker?: number
  /** Ids of what it is about. */
  readonly connection?: string
  /** Id of the stream that it is about. */
  readonly stream?: string
  /** Id of the player that it is about. */
  readonly player?: string
  /** Of an end: the code of its error. */
  readonly code?: string
  /** For people. */
  readonly text: string
  /** Of a refusal. */
  readonly refusal?: RefusalReport
  /** Of a relay. */
  readonly relay?: RelayReport
}
