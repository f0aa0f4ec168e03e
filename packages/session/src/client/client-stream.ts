import type { AmfObject } from '@rtmpipe/amf'
import type { RtmpMessage, UserControlEvent } from '@rtmpipe/chunk-stream'
import { StatusError } from '../contract/errors.ts'
import { deadline } from '../peer/deadline.ts'
import { statusError } from '../peer/status-error.ts'
import { stringOf } from '../protocol/command.ts'
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
  /** The publisher has left the stream that is played. */
  unpublished?(): void
  failed(error: Error): void
}

/** The server's word that is waited for. */
interface Waiting {
  resolve(): void
  reject(error: Error): void
}

/** A status that is waited for. */
interface Awaited extends Waiting {
  readonly code: string
  readonly failures: readonly string[]
}

const startCodes = new Set(['NetStream.Publish.Start', 'NetStream.Play.Start'])
const endCodes = new Set(['NetStream.Play.Stop', 'NetStream.Play.Complete', 'NetStream.Unpublish.Success'])
/** Statuses waited for at a time. */
const maxAwaited = 64

/** A NetStream in the client's role: waits for the server's word that it has started, and hears how it ends. */
export class ClientStream {
  readonly #events: ClientStreamEvents
  readonly #state: StateMachine<NetStreamState, NetStreamEvent>
  readonly #timeout: number
  #started: Waiting | undefined
  #awaited: Awaited[] = []

  /** @param timeout milliseconds that the server may take to answer a command */
  constructor(events: ClientStreamEvents, timeout: number) {
    this.#events = events
    this.#timeout = timeout
    this.#state = new StateMachine<NetStreamState, NetStreamEvent>(netStreamTransitions, 'idle')
  }

  /** True of a stream that takes messages. */
  get plays(): boolean {
    return this.#events.message !== undefined
  }

  /** Resolves when the server says so. @throws StatusError when it refuses, LimitError `RTMP_ERR_CALL_TIMEOUT` */
  start(kind: 'publish' | 'play'): Promise<void> {
    this.#state.dispatch(kind)
    return new Promise((resolve, reject) => {
      const timer = deadline(kind, this.#timeout, error => this.#fail(error))
      this.#started = settling(timer, resolve, reject)
    })
  }

  /**
   * Resolves with the status of that code. The stream does not end when that fails.
   *
   * @param command what asks for it
   * @throws StatusError for one of `failures`, LimitError `RTMP_ERR_CALL_TIMEOUT`
   */
  awaitStatus(command: string, code: string, failures: readonly string[] = []): Promise<void> {
    if (this.#awaited.length >= maxAwaited) {
      return Promise.reject(new StatusError('NetStream.Failed', `${maxAwaited} answers are waited for already`))
    }
    return new Promise((resolve, reject) => {
      const timer = deadline(command, this.#timeout, error => {
        this.#awaited.splice(this.#awaited.indexOf(awaited), 1)
        reject(error)
      })
      const awaited = { code, failures, ...settling(timer, resolve, reject) }
      this.#awaited.push(awaited)
    })
  }

  take(message: RtmpMessage): void | Promise<void> {
    return this.#events.message?.(message)
  }

  tell(event: StreamControlEvent): void {
    this.#events.told?.(event)
  }

  /** A promise asks the connection to wait. */
  takeStatus(info: AmfObject): void | Promise<void> {
    const status = {
      code: stringOf(info['code']),
      level: stringOf(info['level']),
      description: stringOf(info['description']),
    }
    const { code, level } = status
    this.#events.status(status)
    if (this.#settle(code, info)) return
    // An error of a recording does not end the stream that is recorded.
    if (code.startsWith('NetStream.Record.')) return
    if (level === 'error') return this.#fail(statusError(info))
    if (startCodes.has(code) && this.#started !== undefined) {
      this.#state.dispatch('accept')
      this.#started.resolve()
      this.#started = undefined
      // The caller gets the stream before its first message.
      return allContinued()
    }
    if (code === 'NetStream.Play.UnpublishNotify') this.#events.unpublished?.()
    else if (endCodes.has(code)) {
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

  #settle(code: string, info: AmfObject): boolean {
    const index = this.#awaited.findIndex(each => each.code === code || each.failures.includes(code))
    const [awaited] = index < 0 ? [] : this.#awaited.splice(index, 1)
    if (awaited === undefined) return false
    if (awaited.code === code) awaited.resolve()
    else awaited.reject(statusError(info))
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

/** Settles a promise once its timer has been cleared. */
function settling(timer: NodeJS.Timeout | undefined, resolve: () => void, reject: (error: Error) => void): Waiting {
  return {
    resolve() {
      clearTimeout(timer)
      resolve()
    },
    reject(error) {
      clearTimeout(timer)
      reject(error)
    },
  }
}
