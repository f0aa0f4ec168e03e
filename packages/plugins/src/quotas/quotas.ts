import { checkNames, type Plugin } from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../inject.ts'
import type { BitrateQuota } from './bitrate-meter.ts'
import { bitrateQuota } from './bitrate-quota.ts'
import { type ConnectionQuota, connectionQuota } from './connection-quota.ts'
import { type Publish, publisherOf, streamQuota } from './stream-quota.ts'
import { viewerQuota } from './viewer-quota.ts'

/** The quotas; one that is not given does not limit anything. */
export interface QuotasOptions {
  /** How much one publisher may send; a number is bits per second. A publisher that sends more is ended. */
  readonly bitrate?: number | BitrateQuota
  /** Players of a stream at a time. */
  readonly viewersPerStream?: number
  /** Streams that may be published at a time by the same principal. */
  readonly streamsPerKey?: number
  /**
   * Returns what stands for who publishes; undefined means nobody, and no quota. Default: the principal, see
   * `PRINCIPAL`, or the query parameter `key` where no plugin asks for a proof.
   */
  readonly keyOf?: (publish: Publish) => string | undefined
  /** Connections at a time that have got past `connect`, of an IPv4 address or of an IPv6 network. */
  readonly connectionsPerAddress?: number | ConnectionQuota
}

const known: Record<keyof QuotasOptions, true> = {
  bitrate: true,
  viewersPerStream: true,
  streamsPerKey: true,
  keyOf: true,
  connectionsPerAddress: true,
}

/** Options of {@link Quotas} where it is given as a class. */
export const QUOTAS_OPTIONS: InjectionToken<QuotasOptions> = Symbol.for('rtmpipe.QuotasOptions')

/** Refuses or ends clients that exceed a quota. Has only the hooks of the given quotas. Made by {@link quotas}. */
export class Quotas implements Plugin {
  readonly name = 'quotas'
  declare readonly onConnectAccepted?: NonNullable<Plugin['onConnectAccepted']>
  declare readonly onPublishAccepted?: NonNullable<Plugin['onPublishAccepted']>
  declare readonly onPlayAccepted?: NonNullable<Plugin['onPlayAccepted']>
  declare readonly bindPublish?: NonNullable<Plugin['bindPublish']>
  declare readonly onPublishEnd?: NonNullable<Plugin['onPublishEnd']>
  declare readonly onPlayEnd?: NonNullable<Plugin['onPlayEnd']>

  constructor(@inject(QUOTAS_OPTIONS) options: QuotasOptions) {
    checkNames('quotas()', options, known)
    const { bitrate, viewersPerStream, streamsPerKey, connectionsPerAddress } = options
    const { keyOf = publisherOf } = options
    const connections =
      typeof connectionsPerAddress === 'number' ? { connections: connectionsPerAddress } : connectionsPerAddress
    const numbers = { viewersPerStream, streamsPerKey, connectionsPerAddress: connections?.connections }
    for (const [name, limit] of Object.entries(numbers)) {
      if (limit !== undefined && !(Number.isInteger(limit) && limit >= 0))
        throw new TypeError(`${name}: ${limit} is no number of them`)
    }
    const hooks: Omit<Plugin, 'name'> = {
      ...(bitrate !== undefined && bitrateQuota(typeof bitrate === 'number' ? { bitsPerSecond: bitrate } : bitrate)),
      ...(viewersPerStream !== undefined && viewerQuota(viewersPerStream)),
      ...(streamsPerKey !== undefined && streamQuota(streamsPerKey, keyOf)),
      ...(connections !== undefined && connectionQuota(connections)),
    }
    Object.assign(this, hooks)
  }
}

/**
 * Refuses or ends clients that exceed a quota, with a status that says which. Clients are counted when all gates have
 * agreed and before they are told of any success, so that of several that come at the same moment no more get in than may.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, TypeError for quotas that mean nothing
 */
export function quotas(options: QuotasOptions): Quotas {
  return new Quotas(options)
}
