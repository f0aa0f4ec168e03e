/**
 * RTMP sessions on message connections: NetConnection and NetStream in both roles, plugin hooks, live streams and their
 * fan-out. It is given messages, never bytes, and knows no socket.
 *
 * @example
 * ```ts
 * const server = new RtmpServer({ transports: [tcp()], plugins: [{ name: 'closed', onPublish: () => deny('NetStream.Publish.Denied', 'no') }] })
 * await server.listen()
 * ```
 *
 * @packageDocumentation
 */
export type { ObjectEncoding } from './protocol/amf3-messages.ts'
export { RtmpClient, type RtmpClientEvents, type RtmpClientOptions } from './client/rtmp-client.ts'
export type { StreamControlEvent, StreamStatus } from './client/client-stream.ts'
export { type PlayNext, type PlayOptions, PlayStream } from './client/play-stream.ts'
export { type PublishOptions, PublishStream } from './client/publish-stream.ts'
export { withLogin } from './client/with-login.ts'
export { deny, type Denial } from './contract/denial.ts'
export { PluginError, StatusError } from './contract/errors.ts'
export { forwardedCapabilities } from './protocol/forwarded-capabilities.ts'
export type { ConnectionInfo, PlayInfo, PublishInfo, ReconnectRequest, RtmpMessage } from './contract/info.ts'
export { defaultSessionLimits, type SessionLimits } from './contract/limits.ts'
export type { PingTimes } from './peer/dead-peers.ts'
export type { LinkEstimate } from './contract/link-estimate.ts'
export { ContinuousTime } from './live/continuous-time.ts'
export { type Consumer } from './live/fan-out.ts'
export { defaultGopCacheLimits, type GopCacheLimits } from './live/cache/gop-cache.ts'
export { defaultLagLimits, type LagLimits, LagQueue } from './live/lag/lag-queue.ts'
export { LiveStream, type LiveStreamOptions, type StreamConsumer } from './live/live-stream.ts'
export { LiveStreams } from './live/live-streams.ts'
export { isCodedVideo, MediaRole, mediaRole } from './protocol/media-role.ts'
export { type SlowConsumerPolicy, type SlowVerdict, type WhenSlow } from './live/lag/slow-consumer.ts'
export { Subscription, type SubscriptionOptions } from './live/subscription.ts'
export { type Logger, silentLogger } from './contract/logger.ts'
export type { MessageConnection } from './contract/message-connection.ts'
export type {
  Awaitable,
  BindHooks,
  CallEvent,
  CallHooks,
  ConnectAnswer,
  ConnectEvent,
  EndReason,
  GateHooks,
  NoticeHooks,
  PlayEvent,
  Plugin,
  PublishEvent,
  PublishingType,
  SharedObjectAccessEvent,
  SourceHooks,
  StreamAnswer,
} from './contract/plugin.ts'
export { Pacer } from './server/play/pacer.ts'
export { type CloseOptions, RtmpServer, type RtmpServerOptions } from './server/rtmp-server.ts'
export {
  ClientSharedObject,
  type ClientSharedObjectEvents,
  type ClientSharedObjectOptions,
  type SharedObjectSync,
} from './client/client-shared-object.ts'
export { sharedObjectMessage, type SharedObjectMessageType } from './shared-object/encode-shared-object.ts'
export { FileSharedObjectStore, type FileSharedObjectStoreOptions } from './shared-object/store/file-store.ts'
export { defaultSharedObjectLimits, type SharedObjectLimits } from './shared-object/limits.ts'
export { MemorySharedObjectStore, type MemorySharedObjectStoreOptions } from './shared-object/store/memory-store.ts'
export { parseSharedObject } from './shared-object/parse-shared-object.ts'
export {
  SharedObject,
  type SharedObjectChange,
  type SharedObjectEvents,
  type SharedObjectSent,
} from './shared-object/shared-object.ts'
export {
  type SharedObjectEvent,
  SharedObjectEventType,
  type SharedObjectMessage,
  type SharedObjectProperty,
  type SharedObjectWrite,
} from './shared-object/shared-object-event.ts'
export { SharedObjects, type SharedObjectsOptions } from './shared-object/shared-objects.ts'
export { type SharedObjectStore, SharedObjectStoreError } from './shared-object/store/store.ts'
export type { PrivateSource, SharedSource, Source } from './contract/source.ts'
export type { Stage, StageContext, StagePosition } from './contract/stage.ts'
export {
  type LevelOf,
  status,
  type Status,
  type StatusCode,
  type StatusLevel,
  statusLevels,
} from './protocol/status.ts'
export { type AppTarget, parseStreamName, type StreamName, type StreamTarget } from './protocol/stream-target.ts'
export {
  type NetConnectionEvent,
  type NetConnectionState,
  netConnectionTransitions,
  type NetStreamEvent,
  type NetStreamState,
  netStreamTransitions,
  StateMachine,
  type TransitionTable,
} from './protocol/transitions.ts'
export type {
  DialOptions,
  Listener,
  ListenOptions,
  PeerAddress,
  Transport,
  TransportConnection,
} from './contract/transport.ts'
