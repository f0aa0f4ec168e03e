import type { RtmpMessage, UserControlEvent } from '@rtmpipe/chunk-stream'
import { StatusError } from '../contract/errors.ts'
import {
  type NetStreamEvent,
  type NetStreamState,
  netStreamTransitions,
  StateMachine,
} from '../protocol/transitions.ts'
import { allContinued } from './all-continued.ts'

/** A User Control event about one stream (RTMP 1.0 §7.1.7). */
export type StreamControlEvent = Extract<UserControlEvent, { readonly messageStreamId: number }>

/** What a server says with `onStatus`; codes and levels as it spells them. */
export interface StreamStatus {
  /** What has happened, for programs. */
  readonly code: string
  /** `status`, `warning` or `error`. */
  readonly level: string
  /** The same in words; empty when there are none. */
  readonly description: string
}

/** What publishing and playing do differently. */
export interface ClientStreamEvents {
  /** A promise asks the connection to wait. */
  message?(message: RtmpMessage): void | Promise<void>
  told?(event: StreamControlEvent): void
  status(status: StreamStatus): void
  /** The server ended the stream as it should be. */
  ended(): void
  failed(error: Error): void
}

/** A status that is waited for. */
interface Awaited {
  readonly code: string
  readonly failures: readonly string[]
  resolve(): void
  reject(error: Error): void
}

const startCodes = new Set(['NetStream.Publish.Start', 'NetStream.Play.Start'])
const endCodes = new Set(['NetStream.Play.Stop', 'NetStream.Play.Complete', 'NetStream.Unpublish.Success'])
/** Statuses waited for at a time. */
const maxAwaited = 64

/** A NetStream in the client's role: waits for the server's word that it has started, and hears how it ends. */
export class ClientStream {
  readonly #events: ClientStreamEvents
  readonly #endsOnUnpublish: boolean
  readonly #state: StateMachine<NetStreamState, NetStreamEvent>
  #started: { resolve(): void; reject(error: Error): void } | undefined
  #awaited: Awaited[] = []

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

  /** Resolves with the status of that code. @throws StatusError for one of `failures`; the stream does not end then */
  awaitStatus(code: string, failures: readonly string[] = []): Promise<void> {
    if (this.#awaited.length >= maxAwaited) {
      return Promise.reject(new StatusError('NetStream.Failed', `${maxAwaited} answers are waited for already`))
    }
    return new Promise((resolve, reject) => this.#awaited.push({ code, failures, resolve, reject }))
  }

  take(message: RtmpMessage): void | Promise<void> {
    return this.#events.message?.(message)
  }

  tell(event: StreamControlEvent): void {
    this.#events.told?.(event)
  }

  /** A promise asks the connection to wait. */
  takeStatus(status: StreamStatus): void | Promise<void> {
    const { code, level, description } = status
    this.#events.status(status)
    if (this.#settle(code, description)) return
    // An error of a recording does not end the stream that is recorded.
    if (code.startsWith('NetStream.Record.')) return
    if (level === 'error') return this.#fail(new StatusError(code, description))
    if (startCodes.has(code) && this.#started !== undefined) {
      this.#state.dispatch('accept')
      this.#started.resolve()
      this.#started = undefined
      // The caller gets the stream before its first message.
      return allContinued()
    }
    if (endCodes.has(code) || (code === 'NetStream.Play.UnpublishNotify' && this.#endsOnUnpublish)) {
      this.#state.dispatch('stop')
      this.#events.ended()
    }
  }

  /** The client leaves this connection: a pending start does not come any more. */
  leave(): void {
    if (this.#started !== undefined) {
      this.#fail(new StatusError('NetConnection.Connect.Closed', 'the client connects again'))
    }
  }

  /** The connection has closed. */
  closed(error?: Error): void {
    this.#state.dispatch('delete')
    const reason = error ?? new StatusError('NetConnection.Connect.Closed', 'the connection was closed')
    this.retire(reason)
    if (error !== undefined || this.#started !== undefined) this.#fail(reason)
    else this.#events.ended()
  }

  /** Rejects everything that is waited for. */
  retire(reason: Error): void {
    for (const { reject } of this.#awaited.splice(0)) reject(reason)
  }

  #settle(code: string, description: string): boolean {
    const index = this.#awaited.findIndex(each => each.code === code || each.failures.includes(code))
    const [awaited] = index < 0 ? [] : this.#awaited.splice(index, 1)
    if (awaited === undefined) return false
    if (awaited.code === code) awaited.resolve()
    else awaited.reject(new StatusError(code, description))
    return true
  }

  #fail(error: Error): void {
    this.#state.dispatch('stop')
    const started = this.#started
    this.#started = undefined
    if (started === undefined) this.#events.failed(error)
    else started.reject(error)
  }
}
