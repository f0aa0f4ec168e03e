/**
 * RTMP in a page: the client of `rtmpipe`, over WebSockets. It publishes, plays, calls methods of the server, and shares
 * objects with everybody else, in one connection.
 *
 * @example
 * ```ts
 * import { connect } from '@rtmpipe/web'
 *
 * const client = await connect(`wss://${location.host}/live`)
 * const room = await client.sharedObject('chat')
 * room.on('message', (_, [text]) => document.body.append(String(text)))
 * room.send('say', 'hello')
 * ```
 *
 * @packageDocumentation
 */
export { connect, type ConnectOptions } from './connect.ts'
export { PlayerError, type PlayerEvents, type PlayerStats } from './player/player-events.ts'
export { Player, type PlayerOptions } from './player/player.ts'
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
export { AmfError, type AmfValue } from '@rtmpipe/amf'
export { LimitError, MessageType, ProtocolError, type RtmpMessage, UsageError } from '@rtmpipe/chunk-stream'
export {
  type ClientSharedObject,
  type ClientSharedObjectEvents,
  type ClientSharedObjectOptions,
  type PlayOptions,
  type PlayStream,
  type PublishOptions,
  type PublishStream,
  type RtmpClient,
  type RtmpClientEvents,
  StatusError,
  type StreamStatus,
} from '@rtmpipe/session/client'
export { WebSocketError } from '@rtmpipe/transport-websocket/browser'
