import type { Delivery, OutgoingMessage } from '../contract/flow.ts'

/** What a message tells its flow. */
export interface MessageOwner {
  /** It was given up just now. */
  abandoned(message: Message): void
  /** A deadline of it has come nearer, or it has its first one. */
  deadlineChanged(message: Message): void
}

const none: readonly Uint8Array[] = []

/** A message of a flow for sending. Its bytes are kept by reference until it is settled. */
export class Message implements OutgoingMessage {
  readonly #owner: MessageOwner
  readonly length: number
  state: OutgoingMessage['state'] = 'queued'
  /** When it was written; undefined until the session is told the time again. */
  writtenAt: number | undefined
  /** Bytes that have been cut into fragments. */
  cut = 0
  /** Bytes of fragments that the far end has. */
  acknowledged = 0
  #parts: readonly Uint8Array[]
  /** Given up with it. The other way round, one message would keep all before it. */
  #dependents: Message[] | undefined
  #startWithin: number
  #finishWithin: number

  constructor(owner: MessageOwner, parts: readonly Uint8Array[], delivery: Delivery) {
    this.#owner = owner
    this.#parts = parts
    let length = 0
    for (const part of parts) length += part.length
    this.length = length
    this.#startWithin = delivery.startWithin ?? Number.POSITIVE_INFINITY
    this.#finishWithin = delivery.finishWithin ?? Number.POSITIVE_INFINITY
  }

  get isSettled(): boolean {
    return this.state === 'delivered' || this.state === 'abandoned'
  }

  /** When it is to be given up: as long as nothing of it was sent, the nearer of both deadlines. */
  get deadline(): number {
    const within = this.state === 'queued' ? Math.min(this.#startWithin, this.#finishWithin) : this.#finishWithin
    return this.writtenAt === undefined ? Number.POSITIVE_INFINITY : this.writtenAt + within
  }

  /** Its deadlines count from now on. */
  stamp(now: number): void {
    this.writtenAt ??= now
  }

  finishWithin(milliseconds: number, leastAge = 0): void {
    if (this.isSettled) return
    this.#pending = Math.min(this.#pending ?? Number.POSITIVE_INFINITY, milliseconds)
    this.#leastAge = Math.min(this.#leastAge, leastAge)
    this.#owner.deadlineChanged(this)
  }

  /** A deadline that was asked for since the session was told the time. */
  #pending: number | undefined
  #leastAge = Number.POSITIVE_INFINITY

  /** Takes over what {@link finishWithin} asked for. */
  renew(now: number): void {
    if (this.#pending === undefined || this.writtenAt === undefined) return
    const within = Math.max(now + this.#pending - this.writtenAt, this.#leastAge)
    this.#finishWithin = Math.min(this.#finishWithin, within)
    this.#pending = undefined
  }

  abandon(): void {
    // Not by recursion: a group of pictures may be long.
    const all: Message[] = [this]
    for (let message = all.pop(); message !== undefined; message = all.pop()) {
      if (message.isSettled) continue
      const dependents = message.#dependents
      message.#settle('abandoned')
      if (dependents !== undefined) all.push(...dependents)
      message.#owner.abandoned(message)
    }
  }

  /** Gives it up before anybody has been told of it. */
  discard(): void {
    this.#settle('abandoned')
  }

  delivered(): void {
    this.#settle('delivered')
  }

  #settle(state: 'delivered' | 'abandoned'): void {
    this.state = state
    this.#parts = none
    this.#dependents = undefined
  }

  /** Has `dependent` given up with it. False when it has been given up already. */
  addDependent(dependent: Message): boolean {
    if (this.state === 'abandoned') return false
    if (this.state === 'delivered') return true
    this.#dependents ??= []
    this.#dependents.push(dependent)
    return true
  }

  /** Copies a part of it. */
  copy(into: Buffer, at: number, from: number, length: number): void {
    let [offset, position, left] = [from, at, length]
    for (const part of this.#parts) {
      if (left === 0) return
      if (offset >= part.length) {
        offset -= part.length
        continue
      }
      const count = Math.min(part.length - offset, left)
      into.set(count === part.length ? part : part.subarray(offset, offset + count), position)
      position += count
      left -= count
      offset = 0
    }
  }
}
