import type { BusMessage } from '../contract/bus.ts'
import type { TimedEvent } from './event-queue.ts'
import type { Place } from './place.ts'

/** The connection that a message comes in on. */
export interface Receiver {
  readonly place: Place
  /** Changes with each connection. */
  readonly connection: number
  /** Whether the servers know of it, and since when. */
  readonly isAttached: boolean
  readonly attachedAt: number
  /** @returns whether it can be taken now; if not it comes later, or never */
  receives(event: TimedEvent, connection: number, from: Place): boolean
}

/** A subscription as the servers know it. */
export class Subscription {
  readonly subject: string
  readonly receiver: Receiver
  /** When the servers heard of it. */
  readonly since: number
  readonly #take: (message: BusMessage) => void
  #isOver = false

  constructor(receiver: Receiver, subject: string, since: number, take: (message: BusMessage) => void) {
    this.subject = subject
    this.receiver = receiver
    this.since = since
    this.#take = take
  }

  end(): void {
    this.#isOver = true
  }

  take(message: BusMessage): void {
    if (!this.#isOver) this.#take(message)
  }
}

/** A message on its way to one who takes it. */
export class Delivery implements TimedEvent {
  time = 0
  order = 0
  readonly #subscription: Subscription
  readonly #message: BusMessage
  readonly #connection: number
  readonly #from: Place

  constructor(subscription: Subscription, message: BusMessage, from: Place) {
    this.#subscription = subscription
    this.#message = message
    this.#connection = subscription.receiver.connection
    this.#from = from
  }

  run(): void {
    const { receiver } = this.#subscription
    if (receiver.receives(this, this.#connection, this.#from)) this.#subscription.take(this.#message)
  }
}

/** Something other than a message on its way to a process: an answer of a server. */
export class Arrival implements TimedEvent {
  time = 0
  order = 0
  readonly #receiver: Receiver
  readonly #connection: number
  readonly #from: Place
  readonly #run: () => void

  constructor(receiver: Receiver, from: Place, run: () => void) {
    this.#receiver = receiver
    this.#connection = receiver.connection
    this.#from = from
    this.#run = run
  }

  run(): void {
    if (this.#receiver.receives(this, this.#connection, this.#from)) this.#run()
  }
}
