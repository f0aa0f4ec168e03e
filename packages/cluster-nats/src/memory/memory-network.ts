import { UsageError } from '@rtmpipe/chunk-stream'
import type { Clock } from '../contract/clock.ts'
import { Faults } from './faults.ts'
import { MemoryMap } from './memory-map.ts'
import { MemoryNode, type MemoryNodeOptions } from './memory-node.ts'
import type { Meter } from './meter.ts'
import { type NetworkTime, RealTime, VirtualTime } from './network-time.ts'
import { Delays, Random } from './random.ts'
import { Wires } from './wires.ts'

/** What a {@link MemoryNetwork} is like. */
export interface MemoryNetworkOptions {
  /** The same gives the same delays and faults, if what runs over the network does the same. Default 1. */
  readonly seed?: number
  /**
   * Whose time passes: its own, when {@link MemoryNetwork.run} is called, or that of the process. Default `'virtual'`.
   */
  readonly time?: 'real' | 'virtual'
  /** From one process to another in the same region, milliseconds. Default: as measured; none in real time. */
  readonly hop?: { readonly median: number; readonly p99: number }
  /** Milliseconds from one region to another, one way. Default 40. */
  readonly distance?: (from: string, to: string) => number
  /**
   * How many events there are to a turn of Node's event loop in virtual time. Ticks and promises are done after each
   * event in any case; what waits for `setImmediate` comes after the turn. Default 1; with 64 a simulation is ten times
   * as fast.
   */
  readonly eventsPerTurn?: number
  /** Is told what is sent. */
  readonly meter?: Meter
}

/**
 * Many machines in memory: processes with buses and stores, whose messages take their time. In virtual time nothing waits
 * for the clock, and the same seed does the same.
 */
export class MemoryNetwork {
  /** What can go wrong in it. */
  readonly faults: Faults
  readonly #time: NetworkTime
  readonly #wires: Wires
  readonly #maps: { readonly streams: MemoryMap; readonly nodes: MemoryMap }
  readonly #nodes = new Map<string, MemoryNode>()

  constructor({
    seed = 1,
    time = 'virtual',
    hop = time === 'real' ? { median: 0, p99: 0 } : { median: 0.15, p99: 0.7 },
    distance = () => 40,
    eventsPerTurn = 1,
    meter,
  }: MemoryNetworkOptions = {}) {
    const random = new Random(seed)
    this.#time = time === 'real' ? new RealTime() : new VirtualTime(random, eventsPerTurn)
    this.#wires = new Wires(this.#time, random, new Delays(random, hop), distance, meter)
    this.#maps = { streams: new MemoryMap(this.#time, Infinity), nodes: new MemoryMap(this.#time, 60_000) }
    this.faults = new Faults(this.#wires, this.#maps, this.#nodes)
  }

  /** The true time. */
  get clock(): Clock {
    return this.#time
  }

  /** A process of that name: the same one until it is killed. */
  node(name: string, options: MemoryNodeOptions = {}): MemoryNode {
    const known = this.#nodes.get(name)
    if (known !== undefined) return known
    const node = new MemoryNode(name, this.#wires, this.#maps, options)
    this.#nodes.set(name, node)
    this.faults.adopt(node)
    return node
  }

  /** Lets so many milliseconds pass, event by event; ticks and promises are done in between. Rejects when an event throws. */
  async run(milliseconds: number): Promise<void> {
    await this.#virtual.run(milliseconds)
  }

  /** Lets the time pass until a condition is met, which is asked after each event. @returns whether it was met in time */
  runUntil(isMet: () => boolean, milliseconds: number): Promise<boolean> {
    return this.#virtual.run(milliseconds, isMet)
  }

  /**
   * Lets the time pass until a promise is settled.
   *
   * @param milliseconds at most; default one minute
   * @throws UsageError when it is not settled in time
   */
  async settle<T>(promise: Promise<T>, milliseconds = 60_000): Promise<T> {
    let isSettled = false
    const settled = (): void => void (isSettled = true)
    promise.then(settled, settled)
    if (await this.runUntil(() => isSettled, milliseconds)) return promise
    throw new UsageError('RTMP_ERR_USAGE', `what was waited for has not come within ${milliseconds} ms`)
  }

  /** What is left in it, for tests: subscriptions, questions without an answer, keys of the stores. */
  get remains(): { readonly subscriptions: number; readonly questions: number; readonly streams: number } {
    let subscriptions = 0
    for (const { buses } of this.#nodes.values()) for (const bus of buses) subscriptions += bus.subscriptionCount
    return { subscriptions, questions: this.#wires.inboxes.size, streams: this.#maps.streams.size }
  }

  get #virtual(): VirtualTime {
    if (this.#time instanceof VirtualTime) return this.#time
    throw new UsageError('RTMP_ERR_USAGE', 'this network runs by itself, in real time')
  }
}
