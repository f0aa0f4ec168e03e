import { checkNames, type CommitHooks, type ConnectionInfo, deny, type Denial } from '@rtmpipe/session'
import { networkOf } from '../address.ts'
import { quotasDefaults } from './defaults.ts'
import { Members } from './members.ts'

/** How many connections may come from one place. */
export interface ConnectionQuota {
  /** Connections at a time from one IPv4 address, or from one IPv6 network. */
  readonly connections: number
  /** Bits of an IPv6 address that count, 1 to 128: a household has a /64, and all of its addresses. Default 64. */
  readonly ipv6Prefix?: number
}

const known: Record<keyof ConnectionQuota, true> = { connections: true, ipv6Prefix: true }

/**
 * Counts connections from the moment when all gates have agreed to them until they have closed.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, TypeError for a prefix that is none
 */
export function connectionQuota(quota: ConnectionQuota): Pick<CommitHooks, 'onConnectAccepted'> {
  checkNames('quotas().connectionsPerAddress', quota, known)
  const { connections: limit, ipv6Prefix = quotasDefaults.ipv6Prefix } = quota
  if (!(Number.isInteger(ipv6Prefix) && ipv6Prefix >= 1 && ipv6Prefix <= 128))
    throw new TypeError(`ipv6Prefix: ${ipv6Prefix} is no number of bits from 1 to 128`)
  const connections = new Members<ConnectionInfo>()
  return {
    onConnectAccepted({ connection }): Denial | undefined {
      const network = networkOf(connection.remote.address, ipv6Prefix)
      if (connections.count(network) >= limit)
        return deny('NetConnection.Connect.Rejected', `${limit} connections come from this address already`)
      if (connection.signal.aborted) return undefined
      connections.add(network, connection)
      connection.signal.addEventListener('abort', () => connections.delete(network, connection), { once: true })
      return undefined
    },
  }
}
