import { type Bus, type BusMessage, nobody } from '../contract/bus.ts'
import { DirectoryDownError } from '../errors.ts'
import type { TimedEvent } from './event-queue.ts'
import type { Place, Process, Ways } from './place.ts'
import { Arrival, Delivery, type Receiver, Subscription } from './subscription.ts'
import type { Wires } from './wires.ts'

/** A connection of a process to the servers of a network in memory. */
export class MemoryBus implements Bus, Receiver {
  readonly #process: Process
  readonly #wires: Wires
  readonly #subscriptions = new Set<Subscription>()
  /** Subjects on which answers are waited for. */
  readonly #inboxes = new Set<string>()
  readonly #upListeners = new Set<() => void>()
  readonly #downListeners = new Set<() => void>()
  readonly #lossListeners = new Set<() => void>()
  /** What has come while the process or the connection stood still. */
  readonly #incoming: TimedEvent[] = []
  /** What was sent while the connection stood still. */
  readonly #outgoing: (() => void)[] = []
  #holdsIn = false
  #holdsOut = false
  #isUp = true
  #isAttached = true
  #attachedAt = 0
  #connection = 0
  /** When what was sent last is with the servers. */
  #sentUntil = 0

  constructor(process: Process, wires: Wires) {
    this.#process = process
    this.#wires = wires
  }

  get isUp(): boolean {
    return this.#isUp
  }

  get place(): Place {
    return this.#process.place
  }

  /** Whether its process stands still. */
  get isFrozen(): boolean {
    return this.#process.isFrozen
  }

  get connection(): number {
    return this.#connection
  }

  get isAttached(): boolean {
    return this.#isAttached
  }

  get attachedAt(): number {
    return this.#attachedAt
  }

  /** For tests that look for what is left behind. */
  get subscriptionCount(): number {
    return this.#subscriptions.size
  }

  publish(subject: string, payload: Uint8Array): void {
    if (!this.#isUp || this.#process.isDead) return
    if (this.#holdsOut) this.#outgoing.push(() => this.#publish(subject, payload, undefined))
    else this.#publish(subject, payload, undefined)
  }

  subscribe(subject: string, take: (message: BusMessage) => void): () => void {
    const subscription = new Subscription(this, subject, this.#passes(), take)
    this.#subscriptions.add(subscription)
    this.#wires.interest.add(subscription)
    return () => {
      if (!this.#subscriptions.delete(subscription)) return
      subscription.end()
      this.#wires.interest.remove(subscription)
    }
  }

  ask(subject: string, payload: Uint8Array, take: (answer: BusMessage | typeof nobody) => void): () => void {
    const { inboxes } = this.#wires
    const reply = this.#wires.nextInbox(this.#process.name)
    const inbox = new Subscription(this, reply, 0, take)
    inboxes.set(reply, inbox)
    this.#inboxes.add(reply)
    this.send(() => {
      if (!this.#publish(subject, payload, reply)) this.answer(() => inboxes.has(reply) && take(nobody), this.place, 0)
    })
    return () => {
      inbox.end()
      inboxes.delete(reply)
      this.#inboxes.delete(reply)
    }
  }

  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#isUp) return reject(new DirectoryDownError('the network is down'))
      const fail = (): void => reject(new DirectoryDownError('the connection to the network ended'))
      this.#downListeners.add(fail)
      const succeed = (): void => {
        this.#downListeners.delete(fail)
        resolve()
      }
      this.send(() => this.answer(succeed, this.place, 0))
    })
  }

  onUp(listener: () => void): () => void {
    this.#upListeners.add(listener)
    return () => this.#upListeners.delete(listener)
  }

  onLoss(listener: () => void): () => void {
    this.#lossListeners.add(listener)
    return () => this.#lossListeners.delete(listener)
  }

  /** For the other parts of this room, as all below: does it when what is sent now gets out, which may be never. */
  send(act: () => void): void {
    if (!this.#isUp || this.#process.isDead) return
    if (this.#holdsOut) this.#outgoing.push(act)
    else act()
  }

  /** Milliseconds until what is sent now is with the servers. */
  get passing(): number {
    return this.#passes() - this.#wires.time.now()
  }

  /** Something comes back from the servers, or what is behind them. @param delay milliseconds, beside the way there */
  answer(run: () => void, from: Place, delay: number): void {
    this.#wires.time.add(new Arrival(this, from, run), this.passing + delay)
  }

  receives(event: TimedEvent, connection: number, from: Place): boolean {
    if (!this.#isUp || connection !== this.#connection || this.#process.isDead) return false
    if (this.#wires.isCut(from, this.place)) return false
    const isHeld = this.#holdsIn || this.#process.isFrozen
    if (isHeld) this.#incoming.push(event)
    return !isHeld
  }

  /** Nothing gets through any more, but nobody knows yet. */
  hold(ways: Ways): void {
    if (ways !== 'out') this.#holdsIn = true
    if (ways !== 'in') this.#holdsOut = true
  }

  /** It gets through again. */
  letGo(): void {
    this.#holdsIn = false
    this.#holdsOut = false
    for (const act of this.#outgoing.splice(0)) act()
    this.takeHeld()
  }

  /** Takes what has come while it stood still. */
  takeHeld(): void {
    for (const event of this.#incoming.splice(0)) this.#wires.time.add(event, 0)
  }

  /** The servers have given the connection up; the process does not know yet. */
  detach(): void {
    this.#isAttached = false
  }

  /** The connection is over, and the process knows. */
  goDown(): void {
    if (!this.#isUp) return
    this.#isUp = false
    this.#isAttached = false
    this.#holdsIn = false
    this.#holdsOut = false
    this.#incoming.length = 0
    this.#outgoing.length = 0
    for (const listener of this.#downListeners) listener()
    this.#downListeners.clear()
  }

  /** Connected anew. */
  goUp(): void {
    if (this.#isUp || this.#process.isDead) return
    this.#isUp = true
    this.#isAttached = true
    this.#connection += 1
    this.#attachedAt = this.#passes()
    for (const listener of this.#upListeners) listener()
  }

  /** The servers have lost one of theirs, and say so. */
  tellLoss(): void {
    if (this.#isUp && !this.#holdsIn && !this.#process.isFrozen) for (const listener of this.#lossListeners) listener()
  }

  /** Its process is no more. */
  vanish(): void {
    this.goDown()
    for (const subscription of this.#subscriptions) this.#wires.interest.remove(subscription)
    this.#subscriptions.clear()
    for (const reply of this.#inboxes) this.#wires.inboxes.delete(reply)
    this.#inboxes.clear()
  }

  /** When what is sent now is with the servers: never before what was sent earlier. */
  #passes(): number {
    const { time, hop } = this.#wires
    this.#sentUntil = Math.max(this.#sentUntil, time.now() + hop.next())
    return this.#sentUntil
  }

  /** @returns false when the servers know of nobody to take it */
  #publish(subject: string, payload: Uint8Array, reply: string | undefined): boolean {
    const { buffer, byteOffset, byteLength } = payload
    const message = {
      subject,
      payload: Buffer.isBuffer(payload) ? payload : Buffer.from(buffer, byteOffset, byteLength),
      reply,
    }
    const sent = this.#passes()
    const { inboxes, interest, meter } = this.#wires
    const inbox = inboxes.get(subject)
    const takers = inbox === undefined ? interest.of(subject) : [inbox]
    const regions: string[] = []
    let isTaken = false
    for (const taker of takers) {
      if (!this.#deliver(taker, message, sent)) continue
      isTaken = true
      const { region } = taker.receiver.place
      if (meter !== undefined && !regions.includes(region)) regions.push(region)
    }
    meter?.sent(subject, byteLength, this.place.region, regions)
    return isTaken
  }

  #deliver(subscription: Subscription, message: BusMessage, sent: number): boolean {
    const { receiver, since } = subscription
    if (!receiver.isAttached || sent < since || sent < receiver.attachedAt) return false
    const wires = this.#wires
    if (wires.isCut(this.place, receiver.place)) return !wires.isCutNoticed(this.place, receiver.place)
    const delay = sent - wires.time.now() + wires.distance(this.place, receiver.place)
    wires.time.add(new Delivery(subscription, message, this.place), delay)
    return true
  }
}
