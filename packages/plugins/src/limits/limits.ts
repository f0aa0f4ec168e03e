import type { Plugin, PublishInfo } from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../inject.ts'
import type { BitrateLimit } from './bitrate-meter.ts'
import { limitBitrate } from './limit-bitrate.ts'
import { type ConnectionLimit, limitConnections } from './limit-connections.ts'
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
  /** Connections at a time that have got past `connect`, of an IPv4 address or of an IPv6 network. */
  readonly connectionsPerAddress?: number | ConnectionLimit
}

/** Options of {@link Limits} where it is given as a class. */
export const LIMITS_OPTIONS: InjectionToken<LimitsOptions> = Symbol.for('rtmpipe.LimitsOptions')

/** Refuses or ends who crosses a limit. Has the hooks of those limits that there are. Made by {@link limits}. */
export class Limits implements Plugin {
  readonly name = 'limits'
  declare readonly onConnect?: NonNullable<Plugin['onConnect']>
  declare readonly onPublish?: NonNullable<Plugin['onPublish']>
  declare readonly onPlay?: NonNullable<Plugin['onPlay']>
  declare readonly bindPublish?: NonNullable<Plugin['bindPublish']>
  declare readonly onPublishStart?: NonNullable<Plugin['onPublishStart']>
  declare readonly onPublishEnd?: NonNullable<Plugin['onPublishEnd']>
  declare readonly onPlayStart?: NonNullable<Plugin['onPlayStart']>
  declare readonly onPlayEnd?: NonNullable<Plugin['onPlayEnd']>

  constructor(@inject(LIMITS_OPTIONS) options: LimitsOptions) {
    const { bitrate, viewersPerStream, streamsPerKey, connectionsPerAddress } = options
    const keyOf = options.keyOf ?? (({ query }: Publish) => query.get('key') ?? undefined)
    const connections =
      typeof connectionsPerAddress === 'number' ? { connections: connectionsPerAddress } : connectionsPerAddress
    const numbers = { viewersPerStream, streamsPerKey, connectionsPerAddress: connections?.connections }
    for (const [name, limit] of Object.entries(numbers)) {
      if (limit !== undefined && !(Number.isInteger(limit) && limit >= 0))
        throw new TypeError(`${name}: ${limit} is no number of them`)
    }
    const hooks: Omit<Plugin, 'name'> = {
      ...(bitrate !== undefined && limitBitrate(typeof bitrate === 'number' ? { bitsPerSecond: bitrate } : bitrate)),
      ...(viewersPerStream !== undefined && limitViewers(viewersPerStream)),
      ...(streamsPerKey !== undefined && limitStreams(streamsPerKey, keyOf)),
      ...(connections !== undefined && limitConnections(connections)),
    }
    Object.assign(this, hooks)
  }
}

/**
 * Refuses or ends who crosses a limit, with a status that says which. Whoever is over a limit because several came at the
 * same moment is ended as soon as it has begun.
 *
 * @throws TypeError for limits that are no numbers
 */
export function limits(options: LimitsOptions): Limits {
  return new Limits(options)
}
