import type { Msg, NatsConnection, NatsConnectionImpl, Subscription } from '@nats-io/transport-node'
import type { ServerAddress } from './addresses.ts'
import { askInterval, lateLook, markBytes, maxUnanswered } from './limits.ts'
import { Outbox } from './outbox.ts'

/** A question to the server whether it has all that was sent before. */
interface Mark {
  at: number
  /** Bytes that had been sent. */
  readonly sent: number
  /** Memory that can be written into again when the server has them. */
  readonly filled: readonly Buffer[]
  readonly waiters: readonly Waiter[]
}

interface Waiter {
  resolve(): void
  reject(error: Error): void
}

/**
 * One connection to a server, and how far the server is with what we send. The client library hands everything to the
 * socket, whether it takes it or not: this counts, and drops what would grow without end.
 */
export class Link {
  readonly address: ServerAddress
  readonly connection: NatsConnection
  readonly #now: () => number
  /** Undefined where the library has changed and can't be given whole commands: then it copies. */
  readonly #outbox: Outbox | undefined
  readonly #marks: Mark[] = []
  #waiters: Waiter[] = []
  #sent = 0
  #marked = 0
  #answered = 0
  #markedAt: number
  #lookedAt: number
  #isMarking = false
  #isClosed = false

  constructor(address: ServerAddress, connection: NatsConnection, now: () => number) {
    this.address = address
    this.connection = connection
    this.#now = now
    this.#outbox = outboxOf(connection as Partial<NatsConnectionImpl>)
    this.#markedAt = this.#lookedAt = now()
  }

  /** Memory for a payload that is sent next, on that subject. */
  reserve(subject: string, length: number): Buffer {
    // What is longer than this server allows is the library's to refuse.
    const isAllowed = length <= (this.connection.info?.max_payload ?? length)
    return (isAllowed ? this.#outbox?.reserve(subject, length) : undefined) ?? Buffer.allocUnsafe(length)
  }

  /** @returns false for what was dropped */
  send(subject: string, payload: Uint8Array, reply?: string): boolean {
    if (this.#isClosed || this.#sent - this.#answered + payload.length > maxUnanswered) return false
    if (reply !== undefined || this.#outbox?.take(subject, payload) !== true) {
      this.#outbox?.flush()
      try {
        this.connection.publish(subject, payload, reply === undefined ? undefined : { reply })
      } catch {
        // It is closing, or the payload is longer than this server allows.
        return false
      }
    }
    this.#sent += payload.length
    if (this.#sent - this.#marked >= markBytes) this.#mark()
    return true
  }

  subscribe(subject: string, callback: (error: Error | null, message: Msg) => void): Subscription {
    return this.connection.subscribe(subject, { callback })
  }

  /** Those who ask in the same turn share a question. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(closedError())
      this.#waiters.push({ resolve, reject })
      if (this.#isMarking) return
      this.#isMarking = true
      queueMicrotask(() => {
        this.#isMarking = false
        if (!this.#isClosed) this.#mark()
      })
    })
  }

  /** To be called often. @returns for how long the server has left a question unanswered, milliseconds */
  look(): number {
    const now = this.#now()
    const late = now - this.#lookedAt
    this.#lookedAt = now
    // We have slept ourselves: its answer may be here, unread.
    if (late > lateLook) for (const mark of this.#marks) mark.at += late
    const [oldest] = this.#marks
    if (oldest !== undefined) return now - oldest.at
    if (this.#sent > this.#marked || now - this.#markedAt >= askInterval) this.#mark()
    return 0
  }

  /** Ends it at once: what the server has not taken is lost. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const error = closedError()
    for (const { waiters } of this.#marks.splice(0)) for (const waiter of waiters) waiter.reject(error)
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error)
    this.connection.close().catch(() => {})
  }

  #mark(): void {
    const now = this.#now()
    this.#outbox?.flush()
    const filled = this.#outbox?.filled() ?? []
    const mark: Mark = { at: now, sent: this.#sent, filled, waiters: this.#waiters }
    this.#waiters = []
    this.#marks.push(mark)
    this.#marked = mark.sent
    this.#markedAt = now
    // When the library has handed over what it was given: together with the question it would copy it.
    queueMicrotask(() => {
      this.connection.flush().then(
        () => this.#answer(mark),
        () => {},
      )
    })
  }

  #answer(mark: Mark): void {
    if (this.#isClosed) return
    // They are answered in their order.
    for (const { filled } of this.#marks.splice(0, this.#marks.indexOf(mark) + 1)) this.#outbox?.giveBack(filled)
    this.#answered = mark.sent
    for (const waiter of mark.waiters) waiter.resolve()
  }
}

function outboxOf({ protocol }: Partial<NatsConnectionImpl>): Outbox | undefined {
  if (typeof protocol?.sendCommand !== 'function') return undefined
  return new Outbox(bytes => protocol.sendCommand(bytes))
}

function closedError(): Error {
  return new Error('the connection to the NATS server is closed')
}
