import type { FastifyPluginAsync } from 'fastify'
import type { Host } from '@rtmpipe/session'
import type { Access } from './access/access.ts'
import type { ClusterStats } from './report/cluster.ts'
import type { Reports } from './report/reports.ts'

/** What a mount is given by the house it is mounted in. */
export interface House {
  /** The server's host: log, live view, its end. */
  readonly host: Host
  /** What the server tells of itself, of all its processes. */
  readonly reports: Reports
  /** Who may see and do what. */
  readonly access: Access
  /** False until the server listens. Absent where nobody knows. */
  readonly isListening?: boolean
  /** How this process fares among many machines. Absent without a cluster of them. */
  readonly cluster?: (() => ClusterStats) | undefined
}

/**
 * Something that is reachable over HTTP: a plugin of fastify whose options are a {@link House}. It registers its routes;
 * what changes or reveals anything uses `house.access`.
 */
export type Mount = FastifyPluginAsync<House>
