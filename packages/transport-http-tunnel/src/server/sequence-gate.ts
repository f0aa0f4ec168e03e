import { WaitingCount } from './waiting-count.ts'

/** Items a gate may have even when all gates together have too many. */
const SHARE = 16

/** What {@link SequenceGate.offer} makes of a request. */
export type SequenceVerdict =
  /** Its turn comes after those already in order. */
  | 'in-order'
  /** It came before an earlier one and waits for that. */
  | 'parked'
  /** One with this number is waiting already. */
  | 'waiting'
  /** One with this number was the last to be taken: the client asks again. */
  | 'last-taken'
  /** Its turn was before that. */
  | 'past'
  /** Too far ahead of what is missing, or too many are waiting for that. */
  | 'too-far'
  /** Too many are waiting for their turn, or in all gates together. */
  | 'too-many'

/** The numbered requests of a session, brought into order: proxies send some again, and some out of turn. */
export class SequenceGate<Item> {
  readonly #maxParked: number
  readonly #maxInOrder: number
  readonly #waiting: WaitingCount
  readonly #items = new Map<number, Item>()
  /** Number of the next to take, once a request has told whether the client counts from 0 or 1. */
  #next: number | undefined
  /** First number at or after that which has not come. */
  #missing = 0
  #parked = 0
  #started = false

  /** `waiting` counts the items of all gates together. */
  constructor(maxParked: number, maxInOrder: number, waiting: WaitingCount = new WaitingCount()) {
    this.#maxParked = maxParked
    this.#maxInOrder = maxInOrder
    this.#waiting = waiting
  }

  /** Requests waiting for their turn. */
  get size(): number {
    return this.#items.size
  }

  /** There is something to take. */
  get ready(): boolean {
    return this.#next !== undefined && this.#next < this.#missing
  }

  /** First number that has not come. */
  get expected(): number {
    return this.#missing
  }

  /** Number of the request that parked ones wait for; undefined when none wait. */
  get missing(): number | undefined {
    return this.#parked > 0 ? this.#missing : undefined
  }

  /** `sequence` must be a safe integer of 0 or more. The item is kept if the verdict is `in-order` or `parked`. */
  offer(sequence: number, item: Item): SequenceVerdict {
    if (!this.#started && sequence <= 1 && sequence < (this.#next ?? 2)) this.#startAt(sequence)
    if (this.#next !== undefined && sequence < this.#next) return sequence === this.#next - 1 ? 'last-taken' : 'past'
    if (this.#items.has(sequence)) return 'waiting'
    if (this.#waiting.full && this.#items.size >= SHARE) return 'too-many'
    if (this.#next !== undefined && sequence === this.#missing) {
      if (this.#items.size - this.#parked >= this.#maxInOrder) return 'too-many'
      this.#add(sequence, item)
      this.#missing += 1
      for (; this.#items.has(this.#missing); this.#missing++) this.#parked -= 1
      return 'in-order'
    }
    if (this.#parked >= this.#maxParked || sequence - this.#missing > this.#maxParked) return 'too-far'
    this.#add(sequence, item)
    this.#parked += 1
    return 'parked'
  }

  #add(sequence: number, item: Item): void {
    this.#items.set(sequence, item)
    this.#waiting.add()
  }

  #startAt(sequence: number): void {
    this.#next = sequence
    this.#missing = sequence
    this.#parked = this.#items.size
  }

  /** The item that waits under a number. */
  get(sequence: number): Item | undefined {
    return this.#items.get(sequence)
  }

  /** Takes the next in order; undefined when it has not come. */
  take(): Item | undefined {
    if (this.#next === undefined) return undefined
    const item = this.#items.get(this.#next)
    if (item === undefined) return undefined
    this.#items.delete(this.#next)
    this.#waiting.remove()
    this.#next += 1
    this.#started = true
    return item
  }

  /** Takes everything, in any order. */
  drain(): Item[] {
    const items = [...this.#items.values()]
    this.#items.clear()
    this.#waiting.remove(items.length)
    this.#parked = 0
    if (this.#next !== undefined) this.#next = this.#missing
    return items
  }
}

/** Reads a decimal sequence number; undefined when it is none or beyond 2^53 - 1. */
export function parseSequence(text: string): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined
  const sequence = Number(text)
  return Number.isSafeInteger(sequence) ? sequence : undefined
}
