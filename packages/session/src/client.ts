/**
 * The client's role alone: NetConnection and NetStreams on a message connection. It pulls in no server, no hooks and no
 * file system, so that it can be bundled for other places than Node.
 *
 * @packageDocumentation
 */
export {
  ClientSharedObject,
  type ClientSharedObjectEvents,
  type ClientSharedObjectOptions,
  type SharedObjectSync,
} from './client/client-shared-object.ts'
export { type ClientConnectOptions, connect } from './client/connect.ts'
export type { StreamControlEvent, StreamStatus } from './client/client-stream.ts'
export { FallbackError } from './client/fallback/fallback-error.ts'
export { type PlayNext, type PlayOptions, PlayStream } from './client/play-stream.ts'
export { type PublishOptions, PublishStream } from './client/publish-stream.ts'
export { RtmpClient, type RtmpClientEvents, type RtmpClientOptions } from './client/rtmp-client.ts'
export { type AppUrl, parseAppUrl, splitStreamUrl, type StreamAddress, type StreamUrl } from './client/stream-url.ts'
export { withLogin } from './client/with-login.ts'
export { attemptsText } from './client/fallback/attempts-text.ts'
export type { ConnectAttempt } from './contract/connect-attempt.ts'
export { StatusError } from './contract/errors.ts'
export type { ReconnectRequest } from './contract/connection-info.ts'
export type { PublishingType } from './contract/info.ts'
export type { RtmpMessage } from '@rtmpipe/chunk-stream'
export type { PeerServer } from './contract/peer-server.ts'
export type { LinkEstimate } from './contract/link-estimate.ts'
export type { MessageConnection, MessageOutput } from './contract/message-connection.ts'
export type {
  AnyTransport,
  DialOptions,
  MessageTransport,
  MessageTransportConnection,
  PeerNetwork,
  PeerAddress,
  PeerInfo,
  Transport,
  TransportConnection,
} from './contract/transport.ts'
export type { PingTimes } from './peer/dead-peers.ts'
export type { ObjectEncoding } from './protocol/amf3-messages.ts'
export { forwardedCapabilities } from './protocol/forwarded-capabilities.ts'
export { isPictureRole, MediaRole, mediaRole } from './protocol/media-role.ts'
export { type LevelOf, status, type Status, type StatusCode, type StatusLevel } from './protocol/status.ts'
export type { NetConnectionState } from './protocol/transitions.ts'
