import type { Bus, BusMessage } from '../../src/contract/bus.ts'
import { nobody } from '../../src/contract/bus.ts'

interface Subscriber {
  readonly pattern: string
  readonly take: (message: BusMessage) => void
}

/** A network in one place: what is published has come when `publish` returns. A server sees it when a test says so. */
export class TestBus implements Bus {
  isUp = true
  /** Everything that was published. */
  readonly published: BusMessage[] = []
  /** True lets flushes resolve by themselves. */
  answersFlushes = true
  #flushes: { resolve: () => void; reject: (error: Error) => void }[] = []
  readonly #subscribers = new Set<Subscriber>()
  readonly #listeners = new Set<() => void>()
  #replies = 0

  /** Flushes that nobody has answered. */
  get unanswered(): number {
    return this.#flushes.length
  }

  get subscriptions(): number {
    return this.#subscribers.size
  }

  publish(subject: string, payload: Uint8Array, reply?: string): void {
    if (this.isUp) this.#deliver({ subject, payload: Buffer.from(payload), reply })
  }

  subscribe(pattern: string, take: (message: BusMessage) => void): () => void {
    const subscriber: Subscriber = { pattern, take }
    this.#subscribers.add(subscriber)
    return () => void this.#subscribers.delete(subscriber)
  }

  ask(subject: string, payload: Uint8Array, take: (answer: BusMessage | typeof nobody) => void): () => void {
    this.#replies += 1
    const reply = `rt1.r.node.${this.#replies}`
    const end = this.subscribe(reply, take)
    if (this.#deliver({ subject, payload: Buffer.from(payload), reply }) === 0) take(nobody)
    return end
  }

  flush(): Promise<void> {
    if (this.answersFlushes) return Promise.resolve()
    return new Promise((resolve, reject) => this.#flushes.push({ resolve, reject }))
  }

  /** The server answers the oldest flushes, so many of them. */
  async answer(count: number = this.#flushes.length): Promise<void> {
    for (const { resolve } of this.#flushes.splice(0, count)) resolve()
    await Promise.resolve()
  }

  /** The connection ends before the server has answered. */
  async cut(): Promise<void> {
    for (const { reject } of this.#flushes.splice(0)) reject(new Error('the connection has ended'))
    await Promise.resolve()
  }

  onUp(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Another connection. */
  connect(): void {
    for (const listener of this.#listeners) listener()
  }

  #deliver(message: BusMessage): number {
    this.published.push(message)
    const takers = [...this.#subscribers].filter(({ pattern }) => matches(pattern, message.subject))
    for (const { take } of takers) take(message)
    return takers.length
  }
}

function matches(pattern: string, subject: string): boolean {
  const [wanted, found] = [pattern.split('.'), subject.split('.')]
  return wanted.length === found.length && wanted.every((token, index) => token === '*' || token === found[index])
}
