import type { FastifyInstance } from 'fastify'
import type { Host } from '@rtmpipe/session'
import type { Access } from './access/access.ts'
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
}

/** Something that is reachable over HTTP: a plugin of fastify which is given a {@link House} as its options. */
export interface Mount {
  /** Shown in the log and in errors. */
  readonly name: string
  /** True of pages for browsers, who log in for them: the house adds the routes of sessions. Default false. */
  readonly login?: boolean
  /** Registers its routes. What changes or reveals anything uses `house.access`. */
  register(app: FastifyInstance, house: House): Promise<void>
}
