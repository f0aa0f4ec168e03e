import type { AmfObject, AmfValue } from '@rtmpipe/amf'
import type {
  Awaitable,
  CallEvent,
  ConnectAnswer,
  ConnectEvent,
  ConnectionInfo,
  Context,
  ContextKey,
  Denial,
  EndReason,
  GateTiming,
  Host,
  IntroduceAnswer,
  IntroduceEvent,
  LastAct,
  HookName,
  Listener,
  StreamView,
  PlayEvent,
  PlayInfo,
  PlayStream,
  Plugin,
  Principal,
  PublishEvent,
  PublishInfo,
  RefusalEvent,
  SharedObjectAccessEvent,
  SharedObjectWrite,
  Source,
  StreamAnswer,
  Undo,
} from '@rtmpipe/session'
import { contextKey, PRINCIPAL } from '@rtmpipe/session'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Duplex, Readable } from 'node:stream'
import { expectTypeOf } from 'vitest'

/** What every hook is given and may answer, to the letter: the compiler is the test. */
interface Hooks {
  setup(host: Host): Awaitable<void>
  onConnect(event: ConnectEvent): Awaitable<Denial | ConnectAnswer | void>
  onPublish(event: PublishEvent): Awaitable<Denial | StreamAnswer | void>
  onPlay(event: PlayEvent): Awaitable<Denial | StreamAnswer | void>
  onSharedObject(event: SharedObjectAccessEvent): Awaitable<Denial | void>
  onIntroduce(event: IntroduceEvent): Awaitable<Denial | IntroduceAnswer | void>
  onConnectAccepted(event: ConnectEvent): Awaitable<Denial | Undo | LastAct<ConnectEvent> | void>
  onPublishAccepted(event: PublishEvent): Awaitable<Denial | Undo | LastAct<PublishEvent> | void>
  onPlayAccepted(event: PlayEvent): Awaitable<Denial | Undo | LastAct<PlayEvent> | void>
  sourcePlay(event: PlayEvent): Awaitable<Source | Readable | void>
  bindPublish(event: PublishInfo): Duplex | void
  bindPlay(event: PlayInfo): Duplex | void
  onCall(event: CallEvent): Awaitable<AmfValue>
  onPublishStart(event: PublishInfo): Awaitable<void>
  onPublishEnd(event: PublishInfo, reason: EndReason): Awaitable<void>
  onPlayStart(event: PlayInfo): Awaitable<void>
  onPlayEnd(event: PlayInfo, reason: EndReason): Awaitable<void>
  onDisconnect(event: EndReason & { readonly connection: ConnectionInfo }): Awaitable<void>
  onStreamStart(stream: StreamView): Awaitable<void>
  onStreamEnd(stream: StreamView, reason: EndReason): Awaitable<void>
  onStreamViewers(stream: StreamView): Awaitable<void>
  onRefusal(event: RefusalEvent): Awaitable<void>
  onGate(event: GateTiming): Awaitable<void>
  onDrain(): Awaitable<void>
  onStreamRecordings(stream: StreamView): Awaitable<void>
  onStreamRelays(stream: StreamView): Awaitable<void>
  onListen(event: { readonly listeners: readonly Listener[] }): Awaitable<void>
  onClose(): Awaitable<void>
}

// A hook that comes or goes breaks this line, one that changes the next.
expectTypeOf<Extract<keyof Plugin, string>>().toEqualTypeOf<'name' | 'hookTimeout' | keyof Hooks>()
expectTypeOf<Required<Pick<Plugin, HookName>>>().toEqualTypeOf<Hooks>()
// A factory that was not called has a name too.
expectTypeOf<(options: object) => Plugin>().not.toExtend<Plugin>()
expectTypeOf<new () => Plugin>().not.toExtend<Plugin>()
expectTypeOf<Plugin['name']>().toEqualTypeOf<string>()
expectTypeOf<{ name: string }>().toExtend<Plugin>()

// What is inferred in a literal, hook by hook.
export const all: Plugin = {
  name: 'all',
  onConnect(event) {
    expectTypeOf(event).toEqualTypeOf<ConnectEvent>()
    expectTypeOf(event.commandObject).toEqualTypeOf<AmfObject>()
    expectTypeOf(event.args).toEqualTypeOf<readonly AmfValue[]>()
    expectTypeOf(event.connection).toEqualTypeOf<ConnectionInfo>()
  },
  onPublish(event) {
    expectTypeOf(event).toEqualTypeOf<PublishEvent>()
    expectTypeOf(event.publishingType).toEqualTypeOf<'live' | 'record' | 'append'>()
    expectTypeOf(event.query).toEqualTypeOf<URLSearchParams>()
    expectTypeOf(event.signal).toEqualTypeOf<AbortSignal>()
  },
  onPlay(event) {
    expectTypeOf(event).toEqualTypeOf<PlayEvent>()
    expectTypeOf(event.start).toEqualTypeOf<number | 'live' | 'any'>()
    expectTypeOf(event.duration).toEqualTypeOf<number | undefined>()
    expectTypeOf(event.isLive).toEqualTypeOf<boolean>()
  },
  onSharedObject(event) {
    expectTypeOf(event).toEqualTypeOf<SharedObjectAccessEvent>()
    expectTypeOf(event.access).toEqualTypeOf<'use' | 'write'>()
    expectTypeOf(event.writes).toEqualTypeOf<readonly SharedObjectWrite[]>()
  },
  onIntroduce(event) {
    expectTypeOf(event).toEqualTypeOf<IntroduceEvent>()
    expectTypeOf(event.wanted).toEqualTypeOf<ConnectionInfo>()
    expectTypeOf(event.allowed).toEqualTypeOf<boolean>()
  },
  onConnectAccepted(event) {
    expectTypeOf(event).toEqualTypeOf<ConnectEvent>()
  },
  onPublishAccepted(event) {
    expectTypeOf(event).toEqualTypeOf<PublishEvent>()
    return async () => {}
  },
  async onPlayAccepted(event) {
    expectTypeOf(event).toEqualTypeOf<PlayEvent>()
    return () => {}
  },
  sourcePlay(event) {
    expectTypeOf(event).toEqualTypeOf<PlayEvent>()
  },
  bindPublish(event) {
    expectTypeOf(event).toEqualTypeOf<PublishInfo>()
    expectTypeOf(event.stream).toEqualTypeOf<StreamView>()
  },
  bindPlay(event) {
    expectTypeOf(event).toEqualTypeOf<PlayInfo>()
    expectTypeOf(event.stream).toEqualTypeOf<StreamView | undefined>()
  },
  onCall(event) {
    expectTypeOf(event).toEqualTypeOf<CallEvent>()
    return event.args[0]
  },
  onPublishStart(event) {
    expectTypeOf(event).toEqualTypeOf<PublishInfo>()
  },
  onPublishEnd(event, reason) {
    expectTypeOf(event).toEqualTypeOf<PublishInfo>()
    expectTypeOf(reason.error).toEqualTypeOf<Error | undefined>()
  },
  onPlayStart(event) {
    expectTypeOf(event).toEqualTypeOf<PlayInfo>()
  },
  onPlayEnd(event, reason) {
    expectTypeOf(event).toEqualTypeOf<PlayInfo>()
    expectTypeOf(reason).toEqualTypeOf<EndReason>()
  },
  onDisconnect({ connection, error }) {
    expectTypeOf(connection).toEqualTypeOf<ConnectionInfo>()
    expectTypeOf(error).toEqualTypeOf<Error | undefined>()
  },
  onRefusal(event) {
    expectTypeOf(event).toEqualTypeOf<RefusalEvent>()
    expectTypeOf(event.connection).toEqualTypeOf<ConnectionInfo | undefined>()
  },
  onGate(event) {
    expectTypeOf(event).toEqualTypeOf<GateTiming>()
  },
  onDrain(...nothing) {
    expectTypeOf(nothing).toEqualTypeOf<[]>()
  },
  onListen({ listeners }) {
    expectTypeOf(listeners).toEqualTypeOf<readonly Listener[]>()
  },
  onClose(...nothing) {
    expectTypeOf(nothing).toEqualTypeOf<[]>()
  },
}

/** What a key names is read as what it is, wherever it is read. */
export function contexts(gate: PublishEvent, publish: PublishInfo, play: PlayInfo, { context }: CallEvent): void {
  const key = contextKey<{ plan: string }>('user')
  expectTypeOf(key).toEqualTypeOf<ContextKey<{ plan: string }>>()
  for (const each of [gate.context, publish.context, play.context, play.connection.context, context]) {
    expectTypeOf(each).toEqualTypeOf<Context>()
    expectTypeOf(each.get(key)).toEqualTypeOf<{ plan: string } | undefined>()
  }
  expectTypeOf(context.get(PRINCIPAL)).toEqualTypeOf<Principal | undefined>()
  expectTypeOf(publish.principal).toEqualTypeOf<Principal | undefined>()
  expectTypeOf(play.connection.principal).toEqualTypeOf<Principal | undefined>()
}

/** What is read of a play and of a stream are messages. */
export async function read(play: PlayStream, stream: StreamView): Promise<void> {
  for await (const message of play) expectTypeOf(message).toEqualTypeOf<RtmpMessage>()
  for await (const message of stream.subscribe()) expectTypeOf(message).toEqualTypeOf<RtmpMessage>()
}
