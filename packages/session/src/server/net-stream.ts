import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { onStatus, statusMessage } from '../command.ts'
import type { Denial } from '../denial.ts'
import { type NetStreamEvent, type NetStreamState, netStreamTransitions, StateMachine } from '../transitions.ts'
import type { NetConnection } from './net-connection.ts'
import type { Playback } from './playback.ts'
import type { Publication } from './publication.ts'

/** One NetStream in the server's role (RTMP 1.0 §7.2.2): it publishes or plays, one at a time. */
export class NetStream {
  readonly id: number
  /** Milliseconds the player wants to have in hand; set by Set Buffer Length. */
  bufferLength = 1_000
  readonly #connection: NetConnection
  readonly #state: StateMachine<NetStreamState, NetStreamEvent>
  #publication: Publication | undefined
  #playback: Playback | undefined
  #generation = 0

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

  /** Counts what was asked for, so that an answer that comes late can be told from one that is still wanted. */
  request(event: 'publish' | 'play'): number {
    this.stop()
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
    this.#playback = playback
  }

  /** Refuses the request: the client is told, then the connection ends. */
  deny(denial: Denial): void {
    this.stop()
    this.#connection.send(onStatus(this.id, denial.code, denial.description))
    this.#connection.end()
  }

  handleMedia(message: RtmpMessage): void | Promise<void> {
    return this.#publication?.write(message)
  }

  handleData(message: RtmpMessage): void | Promise<void> {
    return this.#publication?.writeData(message)
  }

  /** Ends what publishes or plays here; the NetStream may be used again (`closeStream`). */
  stop(error?: Error): void {
    this.#generation += 1
    this.#state.dispatch('stop')
    const [publication, playback] = [this.#publication, this.#playback]
    this.#publication = this.#playback = undefined
    publication?.stop(error)
    playback?.stop(error)
  }

  /** The same from our side: the client is told why. */
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
