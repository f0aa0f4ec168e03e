import type { Plugin, PublishInfo } from '@rtmpipe/session'
import type { BitrateLimit } from './bitrate-meter.ts'
import { limitBitrate } from './limit-bitrate.ts'
import { limitConnections } from './limit-connections.ts'
import { limitStreams } from './limit-streams.ts'
import { limitViewers } from './limit-viewers.ts'

/** What is known of a publish before and after its start. */
export type Publish = Pick<PublishInfo, 'connection' | 'app' | 'streamName' | 'query'>

export interface LimitsOptions {
  /** What one publisher may send; a number is bits per second. Whoever sends more is ended. */
  readonly bitrate?: number | BitrateLimit
  /** Who may play a stream at a time. */
  readonly viewersPerStream?: number
  /** Streams that may be published at a time with the same key. */
  readonly streamsPerKey?: number
  /** Whose key it is; nothing for who has none, and no limit. Default the query parameter `key`. */
  readonly keyOf?: (publish: Publish) => string | undefined
  /** Connections of an address at a time that have got past `connect`. */
  readonly connectionsPerAddress?: number
}

/**
 * Refuses or ends who crosses a limit, with a status that says which. Whoever is over a limit because several came at the
 * same moment is ended as soon as it has begun.
 *
 * @throws TypeError for limits that are no numbers
 */
export function limits(options: LimitsOptions): Plugin {
  const { bitrate, viewersPerStream, streamsPerKey, connectionsPerAddress } = options
  const keyOf = options.keyOf ?? (({ query }: Publish) => query.get('key') ?? undefined)
  for (const [name, limit] of Object.entries({ viewersPerStream, streamsPerKey, connectionsPerAddress })) {
    if (limit !== undefined && !(Number.isInteger(limit) && limit >= 0))
      throw new TypeError(`${name}: ${limit} is no number of them`)
  }
  return {
    name: 'limits',
    ...(bitrate !== undefined && limitBitrate(typeof bitrate === 'number' ? { bitsPerSecond: bitrate } : bitrate)),
    ...(viewersPerStream !== undefined && limitViewers(viewersPerStream)),
    ...(streamsPerKey !== undefined && limitStreams(streamsPerKey, keyOf)),
    ...(connectionsPerAddress !== undefined && limitConnections(connectionsPerAddress)),
  }
}
