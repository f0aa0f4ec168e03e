/**
 * RTMP in a page: the client of `rtmpipe`, over WebSockets.
 *
 * @packageDocumentation
 */
export { connect, type ConnectOptions } from './connect.ts'
export { Player, PlayerError, type PlayerEvents, type PlayerOptions, type PlayerStats } from './player/player.ts'
export {
  CaptureError,
  type PublishedAudio,
  type PublishedVideo,
  Publisher,
  type PublisherEvents,
  type PublisherOptions,
  type PublisherStats,
  type Slowness,
} from './publisher/index.ts'
