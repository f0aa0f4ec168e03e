import type { Abilities } from './abilities.ts'
import type { ConnectionInfo } from './connection-info.ts'
import type { InProcessPeer } from './in-process.ts'
import type { PlayInfo } from './info.ts'
import type { StreamView } from './stream-view.ts'
import type { DroppedMessages, Traffic } from './traffic.ts'

/** The streams of a server. */
export interface StreamViews extends Iterable<StreamView> {
  /** How many there are. */
  readonly size: number
  /** The stream of that name if somebody publishes it, is expected back, or waits for it. */
  get(app: string, name: string): StreamView | undefined
}

/** What goes on in a server. Everything is live and read when asked for. */
export interface ServerView {
  /** All connections, also those whose `connect` was not accepted yet; their `app` is empty. */
  readonly connections: ReadonlySet<ConnectionInfo>
  /** Streams that are published, fed by a plugin, or waited for. */
  readonly streams: StreamViews
  /** All plays in progress, of live streams and of private sources. */
  readonly players: ReadonlySet<PlayInfo>
  /** What came and went since the start, by transport (`rtmp`, `rtmps`, …): those that somebody has come by. */
  readonly traffic: ReadonlyMap<string, Traffic>
  /** What players were not sent since the start, those who have left included. */
  readonly dropped: DroppedMessages
  /** True when nobody new is let in any more: the server drains, or closes. */
  readonly isDraining: boolean
  /** What can be asked of its plugins, such as to record a stream. */
  readonly abilities: Abilities
  /**
   * Whether the gates would let somebody play: `onConnect` and `onPlay` are asked as for a play, and nothing begins. Nobody is
   * committed to, counted or told of, and a refusal is not logged. For lists of what somebody may see; keep the answer for a
   * while, since a gate may ask a web server.
   *
   * @param name of the stream; a query may stand behind it
   * @throws UsageError `RTMP_ERR_USAGE` when it is not said who it is
   */
  mayPlay(app: string, name: string, who: InProcessPeer): Promise<boolean>
}
