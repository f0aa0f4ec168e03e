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
    filters: ['app', 'transport', 'principal', 'worker'],
    read: reports => reports.connections(),
  }),
  ...readRoutes({
    name: 'streams',
    one: 'stream',
    idPath: '/{app}/{name}',
    schema: streamReport,
    filters: ['app', 'name', 'isLive', 'isPublishing', 'origin', 'publisher', 'worker'],
    read: reports => reports.streams(),
  }),
  ...readRoutes({
    name: 'players',
    one: 'player',
    idPath: '/{id}',
    schema: playerReport,
    filters: ['stream', 'connection', 'app', 'name', 'isSlow', 'worker'],
    read: reports => reports.players(),
  }),
  ...readRoutes({
    name: 'recordings',
    one: 'recording',
    idPath: '/{id}',
    schema: recordingReport,
    filters: ['stream', 'by'],
    read: reports => reports.recordings(),
  }),
  ...readRoutes({
    name: 'relays',
    one: 'relay',
    idPath: '/{id}',
    schema: relayReport,
    filters: ['stream', 'by', 'direction', 'state'],
    read: reports => reports.relays(),
  }),
  ...readRoutes({
    name: 'refusals',
    one: 'refusal',
    idPath: '/{id}',
    schema: refusalReport,
    filters: ['what', 'app', 'name', 'plugin', 'code', 'worker'],
    isNewestFirst: true,
    read: reports => reports.refusals(),
  }),
]
