import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { StatusError } from '../errors.ts'
import { type NetStreamEvent, type NetStreamState, netStreamTransitions, StateMachine } from '../transitions.ts'

/** What publishing and playing do differently. */
export interface ClientStreamEvents {
  /** A promise asks the connection to wait. */
  message?(message: RtmpMessage): void | Promise<void>
  /** The server ended the stream as it should be. */
  ended(): void
  failed(error: Error): void
}

const startCodes = new Set(['NetStream.Publish.Start', 'NetStream.Play.Start'])
const endCodes = new Set(['NetStream.Play.Stop', 'NetStream.Play.Complete', 'NetStream.Unpublish.Success'])

/** A NetStream in the client's role: waits for the server's word that it has started, and hears how it ends. */
export class ClientStream {
  readonly #events: ClientStreamEvents
  readonly #endsOnUnpublish: boolean
  readonly #state: StateMachine<NetStreamState, NetStreamEvent>
  #started: { resolve(): void; reject(error: Error): void } | undefined

  constructor(events: ClientStreamEvents, endsOnUnpublish: boolean) {
    this.#events = events
    this.#endsOnUnpublish = endsOnUnpublish
    this.#state = new StateMachine<NetStreamState, NetStreamEvent>(netStreamTransitions, 'idle')
  }

  /** Resolves when the server says so. @throws StatusError when it refuses */
  start(kind: 'publish' | 'play'): Promise<void> {
    this.#state.dispatch(kind)
    return new Promise((resolve, reject) => {
      this.#started = { resolve, reject }
    })
  }

  take(message: RtmpMessage): void | Promise<void> {
    return this.#events.message?.(message)
  }

  /** A promise asks the connection to wait. */
  status(code: string, level: string, description: string): void | Promise<void> {
    if (level === 'error') return this.#fail(new StatusError(code, description))
    if (startCodes.has(code) && this.#started !== undefined) {
      this.#state.dispatch('accept')
      this.#started.resolve()
      this.#started = undefined
      return allContinued()
    }
    if (endCodes.has(code) || (code === 'NetStream.Play.UnpublishNotify' && this.#endsOnUnpublish)) {
      this.#state.dispatch('stop')
      this.#events.ended()
    }
  }

  /** The connection has closed. */
  closed(error?: Error): void {
    this.#state.dispatch('delete')
    if (error !== undefined || this.#started !== undefined) {
      this.#fail(error ?? new StatusError('NetConnection.Connect.Closed', 'the connection was closed'))
    } else this.#events.ended()
  }

  #fail(error: Error): void {
    this.#state.dispatch('stop')
    const started = this.#started
    this.#started = undefined
    if (started === undefined) this.#events.failed(error)
    else started.reject(error)
  }
}

/** Whoever awaits the start has the stream, and may listen to it, before anything more happens to it. */
function allContinued(): Promise<void> {
  // Ticks that a microtask asks for come when all microtasks are done.
  return new Promise(resolve => queueMicrotask(() => process.nextTick(resolve)))
}
