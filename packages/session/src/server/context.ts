import type { PlayInfo } from '../contract/info.ts'
import type { SessionLimits } from '../contract/limits.ts'
import type { DeadPeers } from '../peer/dead-peers.ts'
import type { DropCounts } from '../live/lag/drop-counts.ts'
import type { SharedSources } from '../live/shared-sources.ts'
import type { LiveStreams } from '../live/live-streams.ts'
import type { WhenSlow } from '../contract/slow-consumer.ts'
import type { Logger } from '../contract/logger.ts'
import type { SharedObjects } from '../shared-object/shared-objects.ts'
import type { PluginSets } from '../hooks/plugin-sets.ts'
import type { Publishers } from './publishers.ts'

/** What all connections of one server share. */
export interface ServerContext {
  readonly plugins: PluginSets
  readonly streams: LiveStreams
  /** Publishers that are connected to this server. */
  readonly publishers: Publishers
  /** All plays in progress. */
  readonly players: Set<PlayInfo>
  /** What they were not sent. */
  readonly drops: DropCounts
  readonly sharedSources: SharedSources
  readonly sharedObjects: SharedObjects
  readonly limits: SessionLimits
  readonly deadPeers: DeadPeers
  /** What happens to a player that does not keep up. */
  readonly whenSlow: WhenSlow
  /** Milliseconds a player waits for a publisher. */
  readonly publishWait: number
  readonly log: Logger
}
