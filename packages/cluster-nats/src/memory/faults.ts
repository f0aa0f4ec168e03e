import { UsageError } from '@rtmpipe/chunk-stream'
import type { Stores } from '../contract/store.ts'
import type { MemoryBus } from './memory-bus.ts'
import type { MemoryMap } from './memory-map.ts'
import type { MemoryNode } from './memory-node.ts'
import type { Ways } from './place.ts'
import type { Wires } from './wires.ts'

/** How a partition is. */
export interface Partition {
  /** In which direction nothing gets through, seen from the side that is named. Default `'both'`. */
  readonly ways?: Ways
  /** On which side the directory is. `both`: everybody reaches it all the same. Default `'there'`, not the side that is named. */
  readonly directory?: 'both' | 'here' | 'there'
  /** Milliseconds until the servers notice, and say that nobody is on the other side. Default 2,000. */
  readonly noticedAfter?: number
}

/** How a process gets away from a server that is gone. */
export interface ServerLoss {
  /** Milliseconds until it notices that the server stands still. Default 1,000 to 1,500. */
  readonly noticedAfter?: number
  /** Milliseconds from then until it has another server. Default 50 to 150. */
  readonly backAfter?: number
}

/** What can go wrong in a network in memory. What lasts returns what ends it. */
export class Faults {
  readonly #wires: Wires
  readonly #maps: { readonly [Name in keyof Stores]: MemoryMap }
  readonly #nodes: Map<string, MemoryNode>
  /** Why a connection can't be made: a key for each reason. */
  readonly #reasons = new Map<MemoryBus, Set<object>>()
  readonly #noServers = {}
  #isStopped = false

  /** @param nodes by name, as they come and go */
  constructor(wires: Wires, maps: { readonly [Name in keyof Stores]: MemoryMap }, nodes: Map<string, MemoryNode>) {
    this.#wires = wires
    this.#maps = maps
    this.#nodes = nodes
  }

  /** A process ends, without a word. The next one of that name is another one. */
  kill(name: string): void {
    const node = this.#node(name)
    this.#nodes.delete(name)
    for (const bus of node.buses) this.#reasons.delete(bus)
    node.die()
  }

  /** A process stands still. After 2 to 3 s the servers give its connections up. */
  freeze(name: string): () => void {
    const { time, random } = this.#wires
    const node = this.#node(name)
    if (node.isFrozen) return () => {}
    node.freeze()
    const cancel = time.after(random.between(2_000, 3_000), () => {
      for (const bus of node.buses) bus.detach()
    })
    return () => {
      cancel()
      if (!node.isFrozen || node.isDead) return
      node.thaw()
      for (const bus of node.buses) {
        bus.takeHeld()
        // It reads what has come, and then that the connection has ended.
        if (!bus.isAttached) time.after(5, () => this.#drop(bus))
      }
    }
  }

  /** Nothing gets between a process and all servers; after 1 to 1.5 s it knows. */
  cutOff(name: string, ways: Ways = 'both'): () => void {
    const reason = {}
    const heals = this.#node(name).buses.map(bus => {
      this.#reasonsOf(bus).add(reason)
      const cancel = this.#stall(bus, ways)
      return () => {
        cancel()
        const reasons = this.#reasonsOf(bus)
        if (!reasons.delete(reason)) return
        if (!bus.isUp) this.#reconnect(bus)
        else if (reasons.size === 0) bus.letGo()
      }
    })
    return () => {
      for (const heal of heals) heal()
    }
  }

  /** The server of some processes is killed: they find another one. What was on the way is lost. */
  killServer(names: Iterable<string>, { backAfter }: ServerLoss = {}): void {
    for (const name of names) for (const bus of this.#node(name).buses) this.#drop(bus, backAfter)
    for (const { buses } of this.#nodes.values()) for (const bus of buses) bus.tellLoss()
  }

  /** The server of some processes stands still for good: they notice after 1 to 1.5 s, and find another one. */
  freezeServer(names: Iterable<string>, loss: ServerLoss = {}): void {
    for (const name of names) for (const bus of this.#node(name).buses) this.#stall(bus, 'both', loss)
  }

  /** What comes to a process waits on the way, and comes all at once in the end. Nobody is cut off for that. */
  slow(name: string): () => void {
    const { buses } = this.#node(name)
    for (const bus of buses) if (bus.isUp) bus.hold('in')
    return () => {
      for (const bus of buses) if (bus.isUp && this.#reasonsOf(bus).size === 0) bus.letGo()
    }
  }

  /** All servers are down; when they are back the directory has to elect. */
  stopServers(): () => void {
    this.#isStopped = true
    for (const { buses } of this.#nodes.values()) for (const bus of buses) this.#stop(bus)
    return () => {
      this.#isStopped = false
      this.elect()
      for (const [bus, reasons] of this.#reasons) if (reasons.delete(this.#noServers)) this.#reconnect(bus)
    }
  }

  /** Parts the nodes that are named from all others; all of them keep their servers. */
  partition(
    names: Iterable<string>,
    { ways = 'both', directory = 'there', noticedAfter = 2_000 }: Partition = {},
  ): () => void {
    const side = Array.from(names, name => this.#node(name).place)
    const stores = [this.#maps.streams.place, this.#maps.nodes.place]
    const here = directory === 'here' ? [...side, ...stores] : side
    return this.#wires.partition(here, ways, noticedAfter, directory === 'both' ? stores : [])
  }

  /** The directory's leader is lost: nothing is written for so many milliseconds. Default: 4 to 9 s. */
  elect(milliseconds: number = this.#wires.random.between(4_000, 9_000)): void {
    for (const map of Object.values(this.#maps)) map.elect(milliseconds)
  }

  /** That share of the writes to the directory is made, and not answered. From 0 to 1. */
  loseAnswers(share: number): void {
    for (const map of Object.values(this.#maps)) map.unansweredShare = share
  }

  /** For so many milliseconds after a write every second reader gets what was there before. */
  readLate(milliseconds: number): void {
    for (const map of Object.values(this.#maps)) map.staleFor = milliseconds
  }

  /** Somebody has made the directory of names anew. */
  recreate(): void {
    this.#maps.streams.recreate()
  }

  /** The last writes to the directory of names are lost, although they were acknowledged. @param count at most 64 */
  forget(count: number): void {
    this.#maps.streams.forget(count)
  }

  /** For the network: a process has begun. */
  adopt({ buses }: MemoryNode): void {
    if (this.#isStopped) for (const bus of buses) this.#stop(bus)
  }

  #stop(bus: MemoryBus): void {
    this.#reasonsOf(bus).add(this.#noServers)
    this.#drop(bus)
  }

  /** Nothing gets through until the process notices and connects elsewhere. @returns ends the waiting for that */
  #stall(bus: MemoryBus, ways: Ways, { noticedAfter, backAfter }: ServerLoss = {}): () => void {
    const { time, random } = this.#wires
    const { connection } = bus
    if (bus.isUp) bus.hold(ways)
    return time.after(noticedAfter ?? random.between(1_000, 1_500), () => {
      if (bus.connection === connection) this.#drop(bus, backAfter)
    })
  }

  /** The connection is over. Who is frozen sees that later. */
  #drop(bus: MemoryBus, backAfter?: number): void {
    if (bus.isFrozen) return bus.detach()
    bus.goDown()
    this.#reconnect(bus, backAfter)
  }

  /** Connects again after a while, if nothing stands in the way then. */
  #reconnect(bus: MemoryBus, backAfter?: number): void {
    const { time, random } = this.#wires
    time.after(backAfter ?? random.between(50, 150), () => {
      if (bus.isFrozen) bus.detach()
      else if (this.#reasonsOf(bus).size === 0) bus.goUp()
    })
  }

  #reasonsOf(bus: MemoryBus): Set<object> {
    let reasons = this.#reasons.get(bus)
    if (reasons === undefined) this.#reasons.set(bus, (reasons = new Set()))
    return reasons
  }

  #node(name: string): MemoryNode {
    const node = this.#nodes.get(name)
    if (node === undefined) throw new UsageError('RTMP_ERR_USAGE', `there is no node ${name} in this network`)
    return node
  }
}
