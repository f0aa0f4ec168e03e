import { type Channel, channel } from 'node:diagnostics_channel'
import type { ConnectionInfo } from '../contract/connection-info.ts'
import type { GateTiming } from '../contract/gate-timing.ts'
import type { PlayInfo, PublishInfo } from '../contract/info.ts'
import type { NoticeHooks } from '../contract/plugin.ts'
import type { RefusalEvent } from '../contract/refusal-event.ts'
import type { StreamView } from '../contract/stream-view.ts'

/**
 * What is published on channels of `node:diagnostics_channel`, by the name of the channel. `error` is there when
 * something failed. The objects are live, and those that plugins are given.
 */
export interface DiagnosticsMessages {
  /** A client's `connect` has been accepted. */
  readonly 'rtmpipe:connection:start': { readonly connection: ConnectionInfo }
  /** Such a client has gone. */
  readonly 'rtmpipe:connection:end': { readonly connection: ConnectionInfo; readonly error?: Error }
  /** A client publishes. */
  readonly 'rtmpipe:publish:start': { readonly publish: PublishInfo }
  /** Its publish has ended. */
  readonly 'rtmpipe:publish:end': { readonly publish: PublishInfo; readonly error?: Error }
  /** A client plays. */
  readonly 'rtmpipe:play:start': { readonly play: PlayInfo }
  /** Its play has ended. */
  readonly 'rtmpipe:play:end': { readonly play: PlayInfo; readonly error?: Error }
  /** A stream has begun, whoever publishes or feeds it. */
  readonly 'rtmpipe:stream:start': { readonly stream: StreamView }
  /** A stream has ended. */
  readonly 'rtmpipe:stream:end': { readonly stream: StreamView; readonly error?: Error }
  /** The number of viewers of a stream has changed. */
  readonly 'rtmpipe:stream:viewers': { readonly stream: StreamView; readonly viewers: number }
  /** Somebody was not let in. */
  readonly 'rtmpipe:refusal': RefusalEvent
  /** A gate or commit hook has answered. */
  readonly 'rtmpipe:gate': GateTiming
  /** Recordings of a stream have begun or ended. */
  readonly 'rtmpipe:stream:recordings': { readonly stream: StreamView }
  /** Relays of a stream have begun, have another state, or have ended. */
  readonly 'rtmpipe:stream:relays': { readonly stream: StreamView }
}

const names = [
  'rtmpipe:connection:start',
  'rtmpipe:connection:end',
  'rtmpipe:publish:start',
  'rtmpipe:publish:end',
  'rtmpipe:play:start',
  'rtmpipe:play:end',
  'rtmpipe:stream:start',
  'rtmpipe:stream:end',
  'rtmpipe:stream:viewers',
  'rtmpipe:refusal',
  'rtmpipe:gate',
  'rtmpipe:stream:recordings',
  'rtmpipe:stream:relays',
] as const satisfies readonly (keyof DiagnosticsMessages)[]

const channels = Object.fromEntries(names.map(name => [name, channel(name)])) as Record<
  keyof DiagnosticsMessages,
  Channel
>

/** True if anybody listens to the channel. */
export function hasSubscribers(name: keyof DiagnosticsMessages): boolean {
  return channels[name].hasSubscribers
}

/** Publishes a message if anybody listens to the channel; it is made only then. */
export function publishDiagnostics<Name extends keyof DiagnosticsMessages>(
  name: Name,
  message: () => DiagnosticsMessages[Name],
): void {
  if (channels[name].hasSubscribers) channels[name].publish(message())
}

type Publishers = { readonly [K in keyof NoticeHooks]: (...event: Parameters<NonNullable<NoticeHooks[K]>>) => void }

/** The notices that are published on channels as well. */
const publishers: Publishers = {
  onDisconnect: event => publishDiagnostics('rtmpipe:connection:end', () => ({ ...event })),
  onPublishStart: publish => publishDiagnostics('rtmpipe:publish:start', () => ({ publish })),
  onPublishEnd: (publish, reason) => publishDiagnostics('rtmpipe:publish:end', () => ({ publish, ...reason })),
  onPlayStart: play => publishDiagnostics('rtmpipe:play:start', () => ({ play })),
  onPlayEnd: (play, reason) => publishDiagnostics('rtmpipe:play:end', () => ({ play, ...reason })),
  onStreamStart: stream => publishDiagnostics('rtmpipe:stream:start', () => ({ stream })),
  onStreamEnd: (stream, reason) => publishDiagnostics('rtmpipe:stream:end', () => ({ stream, ...reason })),
  onStreamViewers: stream => publishDiagnostics('rtmpipe:stream:viewers', () => ({ stream, viewers: stream.viewers })),
  onRefusal: event => publishDiagnostics('rtmpipe:refusal', () => event),
  onGate: event => publishDiagnostics('rtmpipe:gate', () => event),
  onStreamRecordings: stream => publishDiagnostics('rtmpipe:stream:recordings', () => ({ stream })),
  onStreamRelays: stream => publishDiagnostics('rtmpipe:stream:relays', () => ({ stream })),
}

/** Publishes a notice, if it has a channel and anybody listens to it. */
export function publishNotice<K extends keyof NoticeHooks>(
  hook: K,
  ...event: Parameters<NonNullable<NoticeHooks[K]>>
): void {
  const publish = publishers[hook] as ((...event: unknown[]) => void) | undefined
  publish?.(...event)
}
