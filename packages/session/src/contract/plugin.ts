import type { AmfObject, AmfValue } from '@rtmpipe/amf'
import type { Duplex, Readable } from 'node:stream'
import type { ConnectionInfo } from './connection-info.ts'
import type { Context } from './context.ts'
import type { PlayInfo, PublishInfo, PublishingType } from './info.ts'
import type { GateTiming } from './gate-timing.ts'
import type { Host } from './host.ts'
import type { RefusalEvent } from './refusal-event.ts'
import type { StreamView } from './stream-view.ts'
import type { Listener } from './transport.ts'
import type { Denial } from './denial.ts'
import type { SharedObjectWrite } from '../protocol/shared-object-event.ts'
import type { Source } from './source.ts'
import type { AppTarget, StreamTarget } from '../protocol/stream-target.ts'

/** A value now or later. */
export type Awaitable<T> = T | Promise<T>

/** What every gate hook is given beside its own fields. */
interface GateEvent {
  /** Who asks. */
  readonly connection: ConnectionInfo
  /** Application with its instance, without query and `/_definst_`. */
  readonly app: string
  /**
   * Query parameters of `tcUrl`, app and stream name, merged in this order; the later wins. Values are decoded once.
   */
  readonly query: URLSearchParams
  /**
   * What plugins have found out, for later hooks to read: about the publish or play that is asked for, otherwise about
   * the connection.
   */
  readonly context: Context
  /** Aborted when the connection ends or the hook's deadline has passed. */
  readonly signal: AbortSignal
}

/** A client asks for its NetConnection (RTMP 1.0 §7.2.1.1). */
export interface ConnectEvent extends GateEvent, AppTarget {
  /** The command object as the client sent it; keys are untrusted. */
  readonly commandObject: AmfObject
  /** Further values after the command object, if any. */
  readonly args: readonly AmfValue[]
}

/** A client asks to publish (RTMP 1.0 §7.2.2.6). */
export interface PublishEvent extends GateEvent, StreamTarget {
  /** The name asked for, without its query; renames by earlier plugins are visible. */
  readonly streamName: string
  /** What is to become of the stream beside being played. */
  readonly publishingType: PublishingType
}

/** A client asks to play (RTMP 1.0 §7.2.2.1). */
export interface PlayEvent extends GateEvent, StreamTarget {
  /** The name asked for, without its query; renames by earlier plugins are visible. */
  readonly streamName: string
  /**
   * Milliseconds to start a recording at. `'live'` is for a live stream alone: a private source is not played then.
   * `'any'` is the live stream if somebody publishes it, else a recording, else the live stream when it comes.
   */
  readonly start: number | 'live' | 'any'
  /** Milliseconds to play, from the first message on; 0 is one frame, undefined all of it. The server keeps to it. */
  readonly duration: number | undefined
  /**
   * True when somebody publishes the stream now, or is expected back. A source that answers `'any'` should then leave
   * it to the live stream.
   */
  readonly isLive: boolean
}

/** A client asks to use a shared object, or to write to one that it uses (RTMP 1.0 §7.1.3). */
export interface SharedObjectAccessEvent extends GateEvent {
  /** Name of the shared object. */
  readonly name: string
  /** Whether it is kept when nobody uses it. */
  readonly persistent: boolean
  /** `use` is to read it, and to make it if there is none. */
  readonly access: 'use' | 'write'
  /** What is to be written, all of it or nothing; empty for `use`. Keys and values are untrusted. */
  readonly writes: readonly SharedObjectWrite[]
}

/** A client asks to be introduced to another one, to connect with it directly (RTMFP). */
export interface IntroduceEvent extends GateEvent {
  /** Whom it asks for: a client that has said that it can be reached. */
  readonly wanted: ConnectionInfo
  /**
   * Whether they are introduced, if no plugin says otherwise: true if both are of the same application and instance. Answers
   * of earlier plugins are visible.
   */
  readonly allowed: boolean
}

/** What an `onIntroduce` hook may answer besides a denial. */
export interface IntroduceAnswer {
  /** Introduce them, or do not, whatever applications they are of. */
  readonly allowed: boolean
}

/** What an `onConnect` hook may answer besides a denial. */
export interface ConnectAnswer {
  /** Fields added to the information object of the connect result. */
  readonly response: AmfObject
}

/** What an `onPublish` or `onPlay` hook may answer besides a denial. */
export interface StreamAnswer {
  /** Use this stream name from here on. */
  readonly streamName: string
}

/**
 * Takes back what a commit hook did. Called once if what was to begin does not begin; after all later ones, and nobody
 * waits for it.
 */
export type Undo = () => Awaitable<void>

/**
 * What can't be taken back, or needs a place that such an act makes free: done when no plugin has refused any more, in
 * list order. It is given the same event, and has a deadline of its own. A denial still refuses.
 */
export interface LastAct<Event> {
  /** Does it. */
  readonly whenAgreed: (event: Event) => Awaitable<Denial | Undo | void>
}

/**
 * Gates: awaited in list order before any success reply is sent. Returning nothing means no objection, `deny(code,
 * description)` refuses, an answer object changes what follows. A throw is a bug in the plugin: it is logged with the
 * plugin's name and refuses. A gate decides and does nothing else, because a later one may refuse: what is done belongs
 * into {@link CommitHooks}.
 */
export interface GateHooks {
  /** A client asks to connect. A denial refuses, and its connection is closed. */
  onConnect?(event: ConnectEvent): Awaitable<Denial | ConnectAnswer | void>
  /** A client asks to publish. A denial refuses; a name in the answer is used instead of the one asked for. */
  onPublish?(event: PublishEvent): Awaitable<Denial | StreamAnswer | void>
  /** A client asks to play. A denial refuses; a name in the answer is used instead of the one asked for. */
  onPlay?(event: PlayEvent): Awaitable<Denial | StreamAnswer | void>
  /** A denial refuses what was asked; the connection stays. */
  onSharedObject?(event: SharedObjectAccessEvent): Awaitable<Denial | void>
  /**
   * A client asks to be introduced to another one. A denial refuses, and nobody is told: to the client it looks as if there
   * were no such peer. Clients ask again every few seconds as long as they hear nothing. Of those who have no connection with
   * this server no plugin is asked: they are refused.
   */
  onIntroduce?(event: IntroduceEvent): Awaitable<Denial | IntroduceAnswer | void>
}

/**
 * Commits: when all gates have agreed, and before the success reply, plugins do here what letting somebody in takes:
 * count, claim, reserve. Awaited in list order, with the deadline of gates. A denial still refuses. A function that is
 * returned takes back what was done: it is called when a later plugin refuses, when the client has left meanwhile, and
 * whenever else there is no start. After the start, the end is told as ever, with the same `context`. What can't be taken
 * back, such as ending a publisher whose place is taken, is a {@link LastAct}.
 */
export interface CommitHooks {
  /** The client is about to be connected; `onDisconnect` follows, or the undo function. */
  onConnectAccepted?(event: ConnectEvent): Awaitable<Denial | Undo | LastAct<ConnectEvent> | void>
  /** The publish is about to begin, under its final name; `onPublishStart` follows, or the undo function. */
  onPublishAccepted?(event: PublishEvent): Awaitable<Denial | Undo | LastAct<PublishEvent> | void>
  /** The play is about to begin, under its final name; `onPlayStart` follows, or the undo function. */
  onPlayAccepted?(event: PlayEvent): Awaitable<Denial | Undo | LastAct<PlayEvent> | void>
}

/** Source: the first plugin to return one supplies what is played; otherwise it is the live stream of that name. */
export interface SourceHooks {
  /** Supplies what a client has asked to play and may play. Nothing: the next plugin is asked. */
  sourcePlay?(event: PlayEvent): Awaitable<Source | Readable | void>
}

/**
 * Bind: called once when a stream starts; the returned object-mode Transform of messages is spliced into its path, in
 * list order. Return nothing to stay out of it.
 */
export interface BindHooks {
  /**
   * A publish starts: what it returns is put between the publisher and the live stream. When the publish ends, it may
   * give out what it holds; one that takes longer for that than `hookTimeout` is destroyed.
   */
  bindPublish?(event: PublishInfo): Duplex | void
  /** A play starts: what it returns is put between what is played and the player. */
  bindPlay?(event: PlayInfo): Duplex | void
}

/** A client calls a method on its NetConnection (RTMP 1.0 §7.2.1.2). */
export interface CallEvent {
  /** Who calls. */
  readonly connection: ConnectionInfo
  /** Name of the method, as the client sent it. */
  readonly method: string
  /** What it is called with; untrusted. */
  readonly args: readonly AmfValue[]
  /** What plugins have found out about the connection. */
  readonly context: Context
  /** Aborted when the connection ends or the hook's deadline has passed. */
  readonly signal: AbortSignal
}

/**
 * Call: an RPC method. The first plugin that returns something other than `undefined` answers: the value becomes
 * `_result`, a throw `_error` with `NetConnection.Call.Failed`. `null` is an answer. The client's next messages do not
 * wait for the answer. `getStreamLength` comes here as well: its answer is a number of seconds.
 */
export interface CallHooks {
  /** Answers a call; `undefined` leaves it to the next plugin. */
  onCall?(event: CallEvent): Awaitable<AmfValue>
}

/**
 * Why something ended: the error of its connection, or of a Transform in its way. No error when a client, a plugin or
 * the server ended it.
 */
export interface EndReason {
  /** What went wrong. */
  readonly error?: Error
}

/**
 * Notices: every plugin is told, always. When one fails, that is logged, and the others are told all the same. The end
 * comes with the same object as the start, so that a plugin can keep what it knows in a WeakMap. A play that has not
 * started has no end. Ends are told in this order: `onPlayEnd` and `onPublishEnd`, then `onDisconnect`, then `onClose`.
 */
export interface NoticeHooks {
  /** A publish has begun: its publisher has been told so. */
  onPublishStart?(event: PublishInfo): Awaitable<void>
  /** A publish has ended. */
  onPublishEnd?(event: PublishInfo, reason: EndReason): Awaitable<void>
  /** A play has begun: its player has been told so. */
  onPlayStart?(event: PlayInfo): Awaitable<void>
  /** A play that had begun has ended. */
  onPlayEnd?(event: PlayInfo, reason: EndReason): Awaitable<void>
  /** A client whose `connect` was accepted has gone. */
  onDisconnect?(event: EndReason & { readonly connection: ConnectionInfo }): Awaitable<void>
  /**
   * A stream has begun, whoever publishes or feeds it. A publisher who takes the place of another, or comes back while
   * the stream is kept open, begins none.
   */
  onStreamStart?(stream: StreamView): Awaitable<void>
  /** A stream has ended, and nobody is expected back. The reason is that of its last publisher's end. */
  onStreamEnd?(stream: StreamView, reason: EndReason): Awaitable<void>
  /**
   * The number of viewers of a stream has changed, see {@link StreamView.viewers}; also while it waits for its
   * publisher. Changes of one turn of the event loop are told together.
   */
  onStreamViewers?(stream: StreamView): Awaitable<void>
  /**
   * Somebody was not let in. Told when the client has been answered, and also of those who are turned away before
   * anything is read from them: when there are too many connections, and while the server drains or closes.
   */
  onRefusal?(event: RefusalEvent): Awaitable<void>
  /** A gate or commit hook of a plugin has answered. How long it took is measured only if somebody listens. */
  onGate?(event: GateTiming): Awaitable<void>
  /** The server takes nobody new from here on, and lets those who are there finish. */
  onDrain?(): Awaitable<void>
  /** Recordings of a stream have begun or ended, see {@link StreamView.recordings}. Told once for a turn as well. */
  onStreamRecordings?(stream: StreamView): Awaitable<void>
  /**
   * Relays of a stream have begun or ended, or have another state, see {@link StreamView.relays}. Told once for a turn as
   * well.
   */
  onStreamRelays?(stream: StreamView): Awaitable<void>
  /** The server listens; no client has come yet. */
  onListen?(event: { readonly listeners: readonly Listener[] }): Awaitable<void>
  /** The server closes, or the plugin is used no more: the time to let go of what it holds. */
  onClose?(): Awaitable<void>
}

/** A name and any subset of the hooks. */
export interface Plugin extends GateHooks, CommitHooks, SourceHooks, BindHooks, CallHooks, NoticeHooks {
  /** Shown in logs and errors. */
  readonly name: string
  /**
   * Milliseconds that its gate, commit, source and call hooks may take, if that is more than the server's limit
   * `hookTimeout`: for what needs the answer of others who may be busy with an election.
   */
  readonly hookTimeout?: number
  /** A plugin is no function: so the compiler finds a factory that was not called, `plugins: [record]`. */
  readonly [Symbol.hasInstance]?: never
  /**
   * Awaited before any client is let in, one plugin after another in list order: the time to open what the plugin can't
   * do without. A throw is the error of `listen()`, or of `replacePlugins()`: a PluginError with the plugin's name.
   * Plugins that were set up before are told `onClose` then; the one that failed is not.
   */
  setup?(host: Host): Awaitable<void>
}
