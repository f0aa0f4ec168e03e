import { filters } from '../filters.ts'
import {
  connectionReport,
  playerReport,
  recordingReport,
  refusalReport,
  relayReport,
  streamReport,
} from '../schema/reports.ts'
import { readRoutes } from './collection.ts'
import type { Route } from './route.ts'

/** Reading all that can be listed. */
export const collections: readonly Route[] = [
  ...readRoutes({
    name: 'connections',
    one: 'connection',
    idPath: '/{id}',
    schema: connectionReport,
    filters: filters.connections,
    read: reports => reports.connections(),
  }),
  ...readRoutes({
    name: 'streams',
    one: 'stream',
    idPath: '/{app}/{name}',
    schema: streamReport,
    filters: filters.streams,
    read: reports => reports.streams(),
  }),
  ...readRoutes({
    name: 'players',
    one: 'player',
    idPath: '/{id}',
    schema: playerReport,
    filters: filters.players,
    read: reports => reports.players(),
  }),
  ...readRoutes({
    name: 'recordings',
    one: 'recording',
    idPath: '/{id}',
    schema: recordingReport,
    filters: filters.recordings,
    read: reports => reports.recordings(),
  }),
  ...readRoutes({
    name: 'relays',
    one: 'relay',
    idPath: '/{id}',
    schema: relayReport,
    filters: filters.relays,
    read: reports => reports.relays(),
  }),
  ...readRoutes({
    name: 'refusals',
    one: 'refusal',
    idPath: '/{id}',
    schema: refusalReport,
    filters: filters.refusals,
    isNewestFirst: true,
    read: reports => reports.refusals(),
  }),
]
