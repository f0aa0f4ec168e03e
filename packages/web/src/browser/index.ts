/**
 * RTMP in a page: the client of `rtmpipe`, over WebSockets.
 *
 * @packageDocumentation
 */
export { connect, type ConnectOptions } from './connect.ts'
export { Player, PlayerError, type PlayerEvents, type PlayerOptions, type PlayerStats } from './player/player.ts'
