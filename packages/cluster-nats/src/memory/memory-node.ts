import type { Carrier } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import type { Store, Stores } from '../contract/store.ts'
import type { TimedEvent } from './event-queue.ts'
import { MemoryBus } from './memory-bus.ts'
import type { MemoryMap } from './memory-map.ts'
import { MemoryStore } from './memory-store.ts'
import type { NetworkTime } from './network-time.ts'
import type { Place, Process } from './place.ts'
import type { Wires } from './wires.ts'

/** Where a node of a network in memory is, and how its clock runs. */
export interface MemoryNodeOptions {
  /** Default: the same for all that name none. */
  readonly region?: string
  /** By how much its clock runs ahead, in parts of a million; negative: behind. Default 0. */
  readonly drift?: number
}

/** A process in a network in memory: what the classes of this package are given. */
export class MemoryNode implements Process {
  /** Unique in the network. */
  readonly name: string
  /** One connection for control, and one for media. */
  readonly carrier: Carrier
  /** The directory, as this process sees it. */
  readonly stores: Stores
  /** Its own, which may be wrong. */
  readonly clock: Clock
  /** For the network, as the rest of this class. */
  readonly place: Place
  /** The connections of {@link MemoryNode.carrier}. */
  readonly buses: readonly MemoryBus[]
  readonly #time: NetworkTime
  /** What was due while it stood still. */
  readonly #due: TimedEvent[] = []
  #isFrozen = false
  #isDead = false

  constructor(
    name: string,
    wires: Wires,
    maps: { readonly [Name in keyof Stores]: MemoryMap },
    options: MemoryNodeOptions,
  ) {
    this.name = name
    this.place = { region: options.region ?? '', sides: 0, spared: 0 }
    this.#time = wires.time
    this.clock = new NodeClock(this, wires.time, 1 + (options.drift ?? 0) / 1e6)
    const control = new MemoryBus(this, wires)
    const media = new MemoryBus(this, wires)
    this.buses = [control, media]
    this.carrier = { control, media: () => media }
    const store = (map: MemoryMap): Store => new MemoryStore(map, control, wires, this.clock)
    this.stores = { streams: store(maps.streams), nodes: store(maps.nodes) }
  }

  /** Whether its process stands still. */
  get isFrozen(): boolean {
    return this.#isFrozen
  }

  /** Whether its process is no more: what is left of it in memory reaches nobody. */
  get isDead(): boolean {
    return this.#isDead
  }

  /** Its process stands still, and its clock with it as far as it can tell. */
  freeze(): void {
    this.#isFrozen = true
  }

  /** What was due meanwhile comes now, timers before messages. */
  thaw(): void {
    this.#isFrozen = false
    for (const event of this.#due.splice(0)) this.#time.add(event, 0)
  }

  /** Its process is gone. */
  die(): void {
    this.#isDead = true
    this.#due.length = 0
    for (const bus of this.buses) bus.vanish()
  }

  /** @returns false when the event can't be now: it comes later or never */
  isAwakeFor(event: TimedEvent): boolean {
    if (this.#isFrozen && !this.#isDead) this.#due.push(event)
    return !this.#isFrozen && !this.#isDead
  }
}

class NodeTimer implements TimedEvent {
  time = 0
  order = 0
  readonly #node: MemoryNode
  #run: (() => void) | undefined

  constructor(node: MemoryNode, run: () => void) {
    this.#node = node
    this.#run = run
  }

  run(): void {
    if (this.#run === undefined || !this.#node.isAwakeFor(this)) return
    const run = this.#run
    this.#run = undefined
    run()
  }

  cancel(): void {
    this.#run = undefined
  }
}

/** The clock of a node, which may be wrong, and stops when its process does. */
class NodeClock implements Clock {
  readonly #node: MemoryNode
  readonly #time: NetworkTime
  readonly #speed: number

  constructor(node: MemoryNode, time: NetworkTime, speed: number) {
    this.#node = node
    this.#time = time
    this.#speed = speed
  }

  now(): number {
    return this.#time.now() * this.#speed
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = new NodeTimer(this.#node, run)
    this.#time.add(timer, milliseconds / this.#speed)
    return () => timer.cancel()
  }

  random(): number {
    return this.#time.random()
  }
}
