import type { AmfObject } from '@rtmpipe/amf'
import type { PublishingType } from './info.ts'
import type { PeerInfo } from './transport.ts'

/** Somebody who plays or publishes without RTMP, as hooks are to see it in {@link ConnectionInfo}. */
export interface InProcessPeer extends Omit<PeerInfo, 'secure' | 'peerId' | 'nearId'> {
  /** True when the bytes are encrypted on their way. Default false. */
  readonly secure?: boolean
  /** Parameters for the gates, parsed or as they came (without `?`): those of its connection, and of the stream's name. */
  readonly query?: URLSearchParams | string
  /** URL of the server and application that it came by. Default `TRANSPORT://localhost/APP`. */
  readonly tcUrl?: string
  /** What it calls itself, such as the User-Agent of a request; the first 128 characters count. Default ''. */
  readonly flashVer?: string
  /** Further fields of the `commandObject` that `onConnect` is given, such as headers of a request. */
  readonly commandObject?: AmfObject
  /** Ends it when aborted, with the signal's reason. */
  readonly signal?: AbortSignal
}

/** Who plays without RTMP, and what. */
export interface InProcessPlayer extends InProcessPeer {
  /** Milliseconds to start a recording at; `live` is a live stream alone. Default: live, else a recording. */
  readonly start?: number | 'live'
  /** Milliseconds to play, 0 for one frame; default all. */
  readonly duration?: number
  /** Stay when the publish ends and go on with the next one; default false. */
  readonly follow?: boolean
}

/** Who publishes without RTMP. */
export interface InProcessPublisher extends InProcessPeer {
  /** What is to become of the stream beside being played. Default `live`. */
  readonly type?: PublishingType
}
