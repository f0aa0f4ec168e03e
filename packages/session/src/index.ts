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
export { UsageError } from '@rtmpipe/chunk-stream'
export * from './client.ts'
export { connect } from './connect.ts'
export type { Abilities, Acts } from './contract/abilities.ts'
export type { FilePlace, OpenFile, RecordedMedia } from './contract/open-file.ts'
export { Context, type ContextKey, contextKey } from './contract/context.ts'
export { checkNames, checkOptions } from './contract/check-options.ts'
export { checkServerOptions } from './server/check-server-options.ts'
export { deny, type Denial, type DenialInfo, type DenialOptions, type RedirectInfo } from './contract/denial.ts'
export { PRINCIPAL, type Principal } from './contract/principal.ts'
export { PluginError } from './contract/errors.ts'
export type { ConnectionInfo } from './contract/connection-info.ts'
export type { GateResult, GateTiming, TimedHook } from './contract/gate-timing.ts'
export type { Host } from './contract/host.ts'
export type { InProcessPeer, InProcessPlayer, InProcessPublisher } from './contract/in-process.ts'
export { type HookName, hookNames } from './contract/hook-names.ts'
export type { Lag, PlayInfo, PublishInfo } from './contract/info.ts'
export { defaultSessionLimits, type SessionLimits } from './contract/limits.ts'
export { misspeltHooks } from './contract/misspelt-hooks.ts'
export { type Logger, silentLogger } from './contract/logger.ts'
export type {
  Awaitable,
  BindHooks,
  CallEvent,
  CallHooks,
  CommitHooks,
  ConnectAnswer,
  ConnectEvent,
  EndReason,
  GateHooks,
  IntroduceAnswer,
  IntroduceEvent,
  LastAct,
  NoticeHooks,
  PlayEvent,
  Plugin,
  PublishEvent,
  SharedObjectAccessEvent,
  SourceHooks,
  StreamAnswer,
  Undo,
} from './contract/plugin.ts'
export {
  defaultLagLimits,
  type LagLimits,
  type SlowConsumerPolicy,
  type SlowQueue,
  type SlowVerdict,
  type WhenSlow,
} from './contract/slow-consumer.ts'
export type { RefusalEvent, Refused } from './contract/refusal-event.ts'
export type { ServerView, StreamViews } from './contract/server-view.ts'
export type { PrivateSource, SharedSource, Source } from './contract/source.ts'
export type { Stage, StageContext, StagePosition } from './contract/stage.ts'
export type {
  GroupOfPictures,
  StreamCodec,
  StreamOrigin,
  StreamRecording,
  StreamRelay,
  StreamTap,
  StreamTiming,
  StreamView,
  Subscription,
  SubscriptionOptions,
} from './contract/stream-view.ts'
export type { View, ViewOutput } from './contract/view.ts'
export type { DroppedMessages, MessageCounts, Traffic } from './contract/traffic.ts'
export type { PeerRequest } from './contract/peer-info.ts'
export type { Introduction, Listener, ListenOptions, MessageListenOptions } from './contract/transport.ts'
export type { DiagnosticsMessages } from './hooks/channels.ts'
export { withLimits } from './contract/with-limits.ts'
export { checkPlugin } from './hooks/check-plugin.ts'
export { type MessageMap, messageTransform, type MessageTransformOptions } from './hooks/message-transform.ts'
export { defaultGopCacheLimits, type GopCacheLimits } from './live/cache/gop-cache.ts'
export { KeyframeWait } from './live/lag/keyframe-wait.ts'
export { ContinuousTime } from './live/continuous-time.ts'
export type { Consumer } from './live/fan-out.ts'
export { LiveStream, type LiveStreamOptions, type StreamEvents } from './live/live-stream.ts'
export { LiveStreams } from './live/live-streams.ts'
export { LagQueue } from './live/lag/lag-queue.ts'
export type { StreamConsumer } from './live/stream-consumer.ts'
export { isConfiguration, isPictureRole, MediaRole, mediaRole } from './protocol/media-role.ts'
export { percentDecoded } from './protocol/percent-decoded.ts'
export {
  type SharedObjectEvent,
  SharedObjectEventType,
  type SharedObjectMessage,
  type SharedObjectProperty,
  type SharedObjectWrite,
} from './protocol/shared-object-event.ts'
export { shownName } from './protocol/shown-name.ts'
export { statusLevels } from './protocol/status.ts'
export { type StreamKey, streamKey } from './protocol/stream-key.ts'
export { type AppTarget, parseStreamName, type StreamName, type StreamTarget } from './protocol/stream-target.ts'
export {
  type NetConnectionEvent,
  netConnectionTransitions,
  type NetStreamEvent,
  type NetStreamState,
  netStreamTransitions,
  type TransitionTable,
} from './protocol/transitions.ts'
export type { DrainOptions } from './server/drain.ts'
export { Pacer } from './server/play/pacer.ts'
export { type CloseOptions, RtmpServer, type RtmpServerOptions } from './server/rtmp-server.ts'
export { peerServer } from './server/peer-server.ts'
export { sharedObjectMessage, type SharedObjectMessageType } from './shared-object/encode-shared-object.ts'
export { defaultSharedObjectLimits, type SharedObjectLimits } from './shared-object/limits.ts'
export { parseSharedObject } from './shared-object/parse-shared-object.ts'
export {
  SharedObject,
  type SharedObjectChange,
  type SharedObjectEvents,
  type SharedObjectSent,
} from './shared-object/shared-object.ts'
export { SharedObjects, type SharedObjectsOptions } from './shared-object/shared-objects.ts'
export { FileSharedObjectStore, type FileSharedObjectStoreOptions } from './shared-object/store/file-store.ts'
export { MemorySharedObjectStore, type MemorySharedObjectStoreOptions } from './shared-object/store/memory-store.ts'
export { type SharedObjectStore, SharedObjectStoreError } from './shared-object/store/store.ts'
