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
export type { ObjectEncoding } from './amf3-messages.ts'
export { RtmpClient, type RtmpClientEvents, type RtmpClientOptions } from './client/rtmp-client.ts'
export type { StreamControlEvent, StreamStatus } from './client/client-stream.ts'
export { type PlayNext, type PlayOptions, PlayStream } from './client/play-stream.ts'
export { type PublishOptions, PublishStream } from './client/publish-stream.ts'
export { withLogin } from './client/with-login.ts'
export { deny, type Denial } from './denial.ts'
export { PluginError, StatusError } from './errors.ts'
export { forwardedCapabilities } from './forwarded-capabilities.ts'
export type { ConnectionInfo, PlayInfo, PublishInfo, ReconnectRequest, RtmpMessage } from './info.ts'
export { defaultSessionLimits, type SessionLimits } from './limits.ts'
export type { PingTimes } from './link/dead-peers.ts'
export type { LinkEstimate } from './link/estimate.ts'
export { ContinuousTime } from './live/continuous-time.ts'
export { type Consumer } from './live/fan-out.ts'
export { defaultGopCacheLimits, type GopCacheLimits } from './live/gop-cache.ts'
export { defaultLagLimits, type LagLimits, LagQueue } from './live/lag-queue.ts'
export { LiveStream, type LiveStreamOptions, type StreamConsumer } from './live/live-stream.ts'
export { LiveStreams } from './live/live-streams.ts'
export { isCodedVideo, MediaRole, mediaRole } from './live/media-role.ts'
export { type SlowConsumerPolicy, type SlowVerdict, type WhenSlow } from './live/slow-consumer.ts'
export { Subscription, type SubscriptionOptions } from './live/subscription.ts'
export { type Logger, silentLogger } from './logger.ts'
export type { MessageConnection } from './message-connection.ts'
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
} from './plugin.ts'
export { Pacer } from './pacer.ts'
export { type CloseOptions, RtmpServer, type RtmpServerOptions } from './server/rtmp-server.ts'
export {
  ClientSharedObject,
  type ClientSharedObjectEvents,
  type ClientSharedObjectOptions,
  type SharedObjectSync,
} from './shared-object/client-shared-object.ts'
export { sharedObjectMessage, type SharedObjectMessageType } from './shared-object/encode-shared-object.ts'
export { FileSharedObjectStore, type FileSharedObjectStoreOptions } from './shared-object/file-store.ts'
export { defaultSharedObjectLimits, type SharedObjectLimits } from './shared-object/limits.ts'
export { MemorySharedObjectStore, type MemorySharedObjectStoreOptions } from './shared-object/memory-store.ts'
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
export { type SharedObjectStore, SharedObjectStoreError } from './shared-object/store.ts'
export type { PrivateSource, SharedSource, Source } from './source.ts'
export type { Stage, StageContext, StagePosition } from './stage.ts'
export { type LevelOf, status, type Status, type StatusCode, type StatusLevel, statusLevels } from './status.ts'
export { type AppTarget, parseStreamName, type StreamName, type StreamTarget } from './stream-target.ts'
export {
  type NetConnectionEvent,
  type NetConnectionState,
  netConnectionTransitions,
  type NetStreamEvent,
  type NetStreamState,
  netStreamTransitions,
  StateMachine,
  type TransitionTable,
} from './transitions.ts'
export type { DialOptions, Listener, ListenOptions, PeerAddress, Transport, TransportConnection } from './transport.ts'
