import { defaultSessionLimits, type SessionLimits } from '@rtmpipe/session'
import { group, type SchemaNode, span, whole } from '../config/schema-node.ts'
import type { ConnectionLimit } from './plugin-section.ts'

const time = (description: string, initial: number) => span(`milliseconds ${description}`, initial)
const count = (description: string, initial: number) => whole(description, 1, Number.MAX_SAFE_INTEGER, initial)

const limits = defaultSessionLimits

/** What several workers mean for them. */
export const sessionLimitsWithWorkers =
  '`maxConnections` and `maxConnectionsPerAddress` count over all workers (past `connect`; before it, in each); the others are of one connection; who has fallen silent makes way for a newcomer at any worker'

/** Those that count over all workers. */
export function sessionLimitsOfAll({
  maxConnections = limits.maxConnections,
  maxConnectionsPerAddress = limits.maxConnectionsPerAddress,
}: Partial<SessionLimits>): { readonly connections: readonly ConnectionLimit[] } {
  return {
    connections: [
      {
        name: 'sessionLimits.maxConnections',
        most: maxConnections,
        description: `there are ${maxConnections} connections already`,
        placeOf: () => '',
      },
      {
        name: 'sessionLimits.maxConnectionsPerAddress',
        most: maxConnectionsPerAddress,
        description: `there are ${maxConnectionsPerAddress} connections from this address already`,
        placeOf: address => address,
      },
    ],
  }
}

export const sessionLimits: SchemaNode = group<SessionLimits>('what one connection, and all of them, may cost', {
  handshakeTimeout: time('for the handshake', limits.handshakeTimeout),
  connectTimeout: time('from the end of the handshake to connect', limits.connectTimeout),
  hookTimeout: time('that a gate, commit, source or call hook may take', limits.hookTimeout),
  lingerTimeout: time('for the last replies of a connection that is being ended', limits.lingerTimeout),
  closeTimeout: time('that the end of the server waits for plugins and stores', limits.closeTimeout),
  pingInterval: time('without a byte after which a client is pinged; 0 for never', limits.pingInterval),
  pingTimeout: time('after that until it is given up for dead', limits.pingTimeout),
  publishIdle: time('without audio, video or data after which a publish is ended; 0 for never', limits.publishIdle),
  maxConnections: count('connections of the server', limits.maxConnections),
  maxConnectionsPerAddress: count('connections from one address', limits.maxConnectionsPerAddress),
  maxNetStreams: count('NetStreams open at a time on one connection', limits.maxNetStreams),
  maxCommandsPerMinute: count('commands in any 60 seconds on one connection', limits.maxCommandsPerMinute),
  callTimeout: time('that a client may take to answer a call', limits.callTimeout),
  maxPendingCalls: count('calls under way on one connection, in each direction', limits.maxPendingCalls),
  maxMessageLength: count('bytes of one message', limits.maxMessageLength),
  maxPartialBytes: count('bytes of messages of one connection that are not complete', limits.maxPartialBytes),
  maxMetadataLength: count('bytes of the metadata kept for late players', limits.maxMetadataLength),
  maxPlayerQueueBytes: count('bytes a lagging player may have waiting', limits.maxPlayerQueueBytes),
  maxPlayerLag: time('that a player may lag', limits.maxPlayerLag),
})
