/**
 * RTMP servers and clients composed of Node streams: RTMP, RTMPS, RTMPT, RTMPTS and WebSockets, live streams, and plugins
 * that hook into connect, publish and play.
 *
 * @example
 * ```ts
 * const server = createServer({ transports: [tcp({ port: 1935 }), httpTunnel({ port: 8080 })] })
 * server.use({ name: 'keys', onPublish: ({ query }) => (query.get('key') === 'secret' ? undefined : deny('NetStream.Publish.Denied', 'wrong key')) })
 * await server.listen()
 * ```
 *
 * @packageDocumentation
 */
// What tsyringe wants to be there when a user's classes import it after us.
import 'reflect-metadata'

// What users name, and no more: the packages export the rest.
export type { AmfObject, AmfValue } from '@rtmpipe/amf'
export {
  LimitError,
  MessageType,
  ProtocolError,
  RtmpError,
  type RtmpMessage,
  swfIdentity,
  UsageError,
} from '@rtmpipe/chunk-stream'
export { FlvDemuxStage, FlvMuxStage } from '@rtmpipe/flv'
export type { PluginClass } from '@rtmpipe/plugins'
export { HOST, LOGGER, SERVER } from '@rtmpipe/plugins/tokens'
export {
  type AnyTransport,
  type Abilities,
  type Acts,
  attemptsText,
  type CallEvent,
  type ClientSharedObject,
  type CloseOptions,
  type ConnectAttempt,
  type ConnectEvent,
  type ConnectionInfo,
  type Context,
  type ContextKey,
  contextKey,
  defaultSessionLimits,
  type Denial,
  type DenialOptions,
  type DenialInfo,
  deny,
  type DrainOptions,
  type EndReason,
  type DiagnosticsMessages,
  type DroppedMessages,
  FallbackError,
  FileSharedObjectStore,
  type GateResult,
  type GateTiming,
  type GroupOfPictures,
  type Host,
  type Lag,
  type InProcessPeer,
  type InProcessPlayer,
  type InProcessPublisher,
  type LastAct,
  type IntroduceAnswer,
  type IntroduceEvent,
  type Listener,
  type Logger,
  MediaRole,
  mediaRole,
  MemorySharedObjectStore,
  type MessageConnection,
  type MessageCounts,
  type PeerInfo,
  type PeerRequest,
  type MessageMap,
  messageTransform,
  type MessageTransformOptions,
  type MessageTransport,
  type MessageTransportConnection,
  type PlayEvent,
  type PlayInfo,
  type PlayOptions,
  type PlayStream,
  type Plugin,
  PluginError,
  PRINCIPAL,
  type Principal,
  type PrivateSource,
  type PublishEvent,
  type PublishInfo,
  type PublishOptions,
  type PublishStream,
  type RedirectInfo,
  type RefusalEvent,
  type Refused,
  type RtmpClient,
  type ServerView,
  type SessionLimits,
  type SharedObject,
  type SharedObjectAccessEvent,
  type SharedObjects,
  type SharedObjectStore,
  type SharedSource,
  silentLogger,
  type SlowConsumerPolicy,
  type Source,
  splitStreamUrl,
  type Stage,
  type Status,
  type StatusCode,
  status,
  StatusError,
  type StreamAddress,
  type StreamCodec,
  type StreamOrigin,
  type StreamRecording,
  type StreamRelay,
  type StreamStatus,
  type StreamTiming,
  type StreamView,
  type StreamViews,
  type Subscription,
  type SubscriptionOptions,
  type TimedHook,
  type Traffic,
  type View,
  type ViewOutput,
  type Transport,
  type TransportConnection,
  type Undo,
} from '@rtmpipe/session'
export { tunnelRoutes } from '@rtmpipe/transport-http-tunnel'
export type { OnePort, OnePortOptions } from '@rtmpipe/transport-one-port'
export {
  keyLogLine,
  type RtmfpConnection,
  type RtmfpListener,
  type RtmfpOptions,
  type RtmfpPacketKeys,
  type RtmfpSessionEnd,
  type RtmfpSessionKeys,
  type RtmfpTransport,
} from '@rtmpipe/transport-rtmfp'
export type { TcpOptions } from '@rtmpipe/transport-tcp'
export {
  certificateFiles,
  createSelfSignedCertificate,
  loadOrCreateCertificate,
  type TlsOptions,
  withTls,
} from '@rtmpipe/transport-tls'
export { attach, webSocketRoutes } from '@rtmpipe/transport-websocket'
export { connect, type ConnectOptions } from './connect.ts'
export { createServer, type Server, type ServerOptions } from './create-server.ts'
export { PaceStage } from './pace-stage.ts'
export {
  httpTunnel,
  type HttpTunnelOptions,
  onePort,
  rtmfp,
  tcp,
  tls,
  webSocket,
  type WebSocketOptions,
} from './transports.ts'
