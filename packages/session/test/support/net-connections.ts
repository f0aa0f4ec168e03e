import type { RtmpServer } from '../../src/server/rtmp-server.ts'
import type { NetConnection } from '../../src/server/net-connection.ts'

/** The connections of a server with all that plugins do not see. */
export function netConnections({ connections }: RtmpServer): NetConnection[] {
  return [...connections] as NetConnection[]
}
