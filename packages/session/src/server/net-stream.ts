import { encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { onStatus, statusMessage } from '../protocol/command.ts'
import type { Refusal } from '../contract/denial.ts'
import {
  type NetStreamEvent,
  type NetStreamState,
  netStreamTransitions,
  StateMachine,
} from '../protocol/transitions.ts'
import type { NetConnection } from './net-connection.ts'
import type { Playback } from './play/playback.ts'
import type { Publication } from './publication.ts'
import type { Refused } from '../contract/refusal-event.ts'
import { type RefusedName, tellRefusal } from '../hooks/tell-refusal.ts'

/** Most waiting entries of a playlist; a player needs no more. */
const maxPlaylist = 32

/** One NetStream in the server's role (RTMP 1.0 §7.2.2): it publishes or plays, one at a time. */
export class NetStream {
  readonly id: number
  /** Milliseconds of media that the player wants to buffer; set by Set Buffer Length. */
  bufferLength = 1_000
  readonly #connection: NetConnection
  readonly #state: StateMachine<NetStreamState, NetStreamEvent>
  #publication: Publication | undefined
  #playback: Playback | undefined
  #generation = 0
  /** The playlist: what is played after the end of the present play (`play` with `reset` false). */
  #playlist: (() => Promise<void>)[] = []
  readonly #unwanted = new Set<'audio' | 'video'>()
  #requestedName: string | undefined

  constructor(connection: NetConnection, id: number) {
    this.id = id
    this.#connection = connection
    this.#state = new StateMachine<NetStreamState, NetStreamEvent>(netStreamTransitions, 'idle')
  }

  get state(): NetStreamState {
    return this.#state.state
  }

  get streamName(): string | undefined {
    return this.#publication?.streamName ?? this.#playback?.streamName
  }

  get playback(): Playback | undefined {
    return this.#playback
  }

  get isPublishing(): boolean {
    return this.#publication !== undefined
  }

  /** True of the name asked for, and of the one that plugins made of it. */
  isNamed(name: string): boolean {
    return this.streamName !== undefined && (this.streamName === name || this.#requestedName === name)
  }

  /** Counts requests, so that a late answer is not taken for the answer to the present request. */
  request(event: 'publish' | 'play', streamName: string): number {
    this.#halt()
    this.#requestedName = streamName
    this.#state.dispatch(event)
    this.#generation += 1
    return this.#generation
  }

  /** True when nothing has happened since the request. */
  stillWanted(request: number): boolean {
    return this.#generation === request && (this.state === 'publishRequested' || this.state === 'playRequested')
  }

  publishing(publication: Publication): void {
    this.#state.dispatch('accept')
    this.#publication = publication
  }

  playing(playback: Playback): void {
    this.#state.dispatch('accept')
    this.#take(playback)
  }

  /** Plays something else from here on (`play2`). @param requestedName the name asked for, before renames */
  switchTo(playback: Playback, requestedName: string): void {
    this.#generation += 1
    this.#requestedName = requestedName
    const before = this.#playback
    this.#take(playback)
    before?.stop()
  }

  /** Says whether audio or video is wanted, for this play and later ones. */
  receive(kind: 'audio' | 'video', wanted: boolean): void {
    if (wanted) this.#unwanted.delete(kind)
    else this.#unwanted.add(kind)
    this.#playback?.receive(kind, wanted)
  }

  /** Remembers what to play next. False when the playlist is full. */
  enqueue(next: () => Promise<void>): boolean {
    if (this.#playlist.length >= maxPlaylist) return false
    this.#playlist.push(next)
    return true
  }

  clearPlaylist(): void {
    this.#playlist = []
  }

  /** The present play has come to its end: returns the next entry of the playlist, if there is one. */
  takeNext(): (() => Promise<void>) | undefined {
    return this.#playlist.shift()
  }

  /** Refuses the request: the log and the client are told, then the connection ends, unless the refusal keeps it. */
  refuse(what: Refused, name: RefusedName, refusal: Refusal): void {
    const keepsConnection = refusal.keepsConnection === true
    if (what !== 'play2' || !keepsConnection) this.stop()
    tellRefusal(this.#connection, what, name, refusal)
    this.#connection.send(onStatus(this.id, refusal.code, refusal.description, refusal.info))
    if (!keepsConnection) this.#connection.end()
  }

  handleMedia(message: RtmpMessage): void | Promise<void> {
    return this.#publication?.write(message)
  }

  handleData(message: RtmpMessage): void | Promise<void> {
    return this.#publication?.writeData(message)
  }

  /** What it publishes goes on under another name: late players of that begin where those of the former would. */
  goOnWith(beginning: readonly RtmpMessage[]): void {
    for (const message of beginning) {
      if (message.messageTypeId === MessageType.DataAmf0) void this.handleData(asHeader(message))
      else void this.handleMedia(message)
    }
  }

  /** Ends what publishes or plays here; the NetStream may be used again (`closeStream`). */
  stop(error?: Error): void {
    this.clearPlaylist()
    this.#halt(error)
  }

  #take(playback: Playback): void {
    this.#playback = playback
    for (const kind of this.#unwanted) playback.receive(kind, false)
  }

  #halt(error?: Error): void {
    this.#generation += 1
    this.#state.dispatch('stop')
    const [publication, playback] = [this.#publication, this.#playback]
    this.#publication = this.#playback = undefined
    publication?.stop(error)
    playback?.stop(error)
  }

  /** Ends it from our side: the client is told why. */
  end(reason: Parameters<typeof statusMessage>[1]): void {
    if (this.state === 'idle' || this.state === 'deleted') return
    this.stop()
    this.#connection.send(statusMessage(this.id, reason))
  }

  delete(error?: Error): void {
    this.stop(error)
    this.#state.dispatch('delete')
  }
}

/** Data that is kept for late players, as publishers say it. */
function asHeader(message: RtmpMessage): RtmpMessage {
  return { ...message, payload: Buffer.concat([encodeAmf0('@setDataFrame'), message.payload]) }
}
