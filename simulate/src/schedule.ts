import { BusFabric, type Carrier, type Clock, type Stores } from '@rtmpipe/cluster-nats'
import { MemoryNetwork, Random } from '@rtmpipe/cluster-nats/memory'
import type { Fabric } from '@rtmpipe/cluster'
import { type StreamKey, streamKey } from '@rtmpipe/session'
import { createHmac } from 'node:crypto'
import { Encoder } from './encoder.ts'
import { anyFault, type FaultKind, type FaultName, faultKinds, longSilence } from './faults.ts'
import { calmTime, fenceTime, Judge, missedBound } from './judge.ts'
import type { Shape } from './shape.ts'
import { newTally, noteGap, type Tally } from './tally.ts'
import { Traffic } from './traffic.ts'
import { Watch } from './watch.ts'
import { type Hearing, Witness } from './witness.ts'
import type { SimNode, World } from './world.ts'

/** What a node's fabric is made of. */
export interface Parts {
  readonly node: string
  readonly carrier: Carrier
  readonly stores: Stores
  readonly clock: Clock
  readonly secret: string
}

/** How a schedule is run. */
export interface ScheduleOptions {
  readonly seed: number
  readonly number: number
  readonly shape: Shape
  /** Is told what happens, a line each. */
  readonly trace?: (line: string) => void
  /** Makes the fabric of a node. Default: a {@link BusFabric}, the one that is tried. */
  readonly fabric?: (parts: Parts) => Fabric
  /** Faults with when they come, in milliseconds, instead of those by chance. */
  readonly faults?: readonly { readonly name: FaultName; readonly at: number }[]
}

const secret = 'simulated'
/** Milliseconds. */
const linger = 1_000
const look = 500
/** Messages a second of a stream in most of the shorter schedules: then ticks are between them. */
const slowRate = 2
const distances = [20, 40, 60, 80]

/** A cluster in which things go wrong, by chance but always the same for a seed and a number. */
export class Schedule implements World {
  readonly shape: Shape
  readonly network: MemoryNetwork
  readonly random: Random
  readonly judge: Judge
  readonly nodes: SimNode[] = []
  readonly encoders: Encoder[] = []
  readonly keys: readonly StreamKey[]
  readonly isHeavy: boolean
  readonly rate: number
  readonly tally: Tally = newTally()
  readonly trace: (text: () => string) => void
  readonly #options: ScheduleOptions
  readonly #sids: readonly string[]
  readonly #regions: readonly string[]
  readonly #traffic: Traffic
  readonly #hearing: Hearing
  readonly #heals = new Set<() => void>()
  /** Whether it lasts until every bound is over, also when all is well sooner. */
  readonly #isWhole: boolean
  /** Milliseconds before all is mended. */
  readonly #length: number
  #healedAt = Infinity
  #isCalm = false
  /** Faults that stand in the way of media now. */
  #standing = 0
  /** Those that are not mended before they are over by themselves. */
  #awaited = 0
  #faults: readonly FaultName[] = []
  #born = 0
  #players = 0
  #isMended = false

  constructor(options: ScheduleOptions) {
    const { seed, number, shape, trace } = options
    this.#options = options
    this.shape = shape
    this.random = new Random(seed * 2 ** 22 + number)
    this.isHeavy = this.random.next() < shape.heavy
    this.#isWhole = this.random.next() < shape.whole
    this.rate = this.#isWhole || this.random.next() < 0.3 ? shape.rate : slowRate
    this.#length = 1_000 * (this.#isWhole ? shape.seconds : this.random.between(0.4, 0.9) * shape.seconds)
    const clock = (): Clock => this.network.clock
    this.#traffic = new Traffic(clock, this.tally, () => this.judge)
    this.network = new MemoryNetwork({
      seed: seed * 2 ** 22 + number,
      eventsPerTurn: 64,
      distance: (from, to) => distances[(Number(from.slice(1)) + Number(to.slice(1))) % distances.length]!,
      meter: this.#traffic,
    })
    this.trace = trace === undefined ? () => {} : text => trace(`${(clock().now() / 1000).toFixed(3)} s: ${text()}`)
    this.judge = new Judge(clock(), this.tally, options, this.trace)
    this.#hearing = { judge: this.judge, traffic: this.#traffic, witnesses: new Map(), largest: 0 }
    this.keys = Array.from({ length: shape.streams }, (_, index) => ({ app: 'live', streamName: `s${index}` }))
    this.#sids = this.keys.map(sidOf)
    this.#regions = Array.from({ length: shape.regions }, (_, index) => `r${index}`)
    for (let index = 0; index < shape.nodes; index += 1) this.#begin()
  }

  async run(): Promise<Tally> {
    const { network, tally } = this
    this.#startStreams()
    this.#startPlayers(this.#length)
    this.#planFaults(this.#length)
    const check = (): void => {
      this.#look(1_000 / this.rate)
      if (!this.#isMended) network.clock.after(look, check)
    }
    network.clock.after(look, check)
    try {
      await network.run(this.#length)
      if (this.#awaited > 0) await network.runUntil(() => this.#awaited === 0, longSilence)
      for (const heal of this.#heals) heal()
      this.#healedAt = network.clock.now()
      await network.runUntil(() => this.#isCalm && !this.#isWhole, missedBound + 1_000)
      if (this.#isSplit) await network.run(fenceTime)
      for (const stream of this.keys.keys()) this.#checkOwners(stream)
    } catch (error) {
      this.judge.failed(error)
    }
    this.#isMended = true
    const [only, ...others] = this.#faults
    // Readers of a heavy stream stand still by themselves.
    const isUsual = !this.isHeavy && this.rate === this.shape.rate
    if (only !== undefined && others.length === 0 && isUsual) this.#noteGaps(only)
    tally.schedules = 1
    tally.virtual = network.clock.now()
    tally.players = this.#players
    tally.largest = this.#hearing.largest
    this.judge.close()
    return tally
  }

  /** @param regular milliseconds between two frames */
  #look(regular: number): void {
    const { judge, network, nodes } = this
    for (const { watches } of nodes) for (const watch of watches.values()) judge.look(watch, regular)
    for (let stream = 0; stream < this.keys.length; stream += 1) {
      const owner = judge.ownerOf(stream)
      if (owner !== undefined) this.#traffic.look(this.#sids[stream]!, owner, this.#regions)
    }
    if (network.clock.now() - this.#healedAt < calmTime) return
    // Those who have come since are not waited for.
    const isServed = (watch: Watch): boolean => watch.since > this.#healedAt || judge.isServed(watch, regular)
    const allServed = nodes.map(({ watches }) => [...watches.values()].every(isServed))
    this.#isCalm =
      !allServed.includes(false) && [...this.keys.keys()].every(stream => judge.ownerOf(stream) !== undefined)
  }

  anyNode(): SimNode {
    const awake = this.nodes.filter(({ memory }) => !memory.isFrozen)
    const among = awake.length === 0 ? this.nodes : awake
    return among[Math.floor(this.random.next() * among.length)]!
  }

  #begin(region = `r${this.#born % this.shape.regions}`): void {
    this.#born += 1
    const name = `n${this.#born}`
    const memory = this.network.node(name, { region, drift: this.random.between(-500, 500) })
    const { carrier, stores } = new Witness(memory, this.#hearing, this.isHeavy)
    const parts: Parts = { node: name, carrier, stores, clock: memory.clock, secret }
    const fabric = (this.#options.fabric ?? (of => new BusFabric(of)))(parts)
    this.nodes.push({ name, region, memory, fabric, watches: new Map(), isSlow: false })
  }

  #startStreams(): void {
    const { network, random } = this
    const start = (stream: number): void => {
      const encoder = new Encoder(this, stream)
      this.encoders.push(encoder)
      network.clock.after(random.between(1, 500), () => encoder.start())
    }
    for (const stream of this.keys.keys()) start(stream)
    // Somebody else who wants the same name, all the time.
    if (random.next() < 0.3) start(0)
  }

  #startPlayers(end: number): void {
    const { network, random, shape } = this
    const come = (stream: number, at: number, node?: SimNode): void => {
      network.clock.after(at, () => {
        const where = node ?? this.anyNode()
        this.#came(where, stream)
        const stays = -Math.log(1 - random.next()) * end
        network.clock.after(stays, () => this.#left(where, stream))
      })
    }
    const weights = this.keys.map((_, stream) => 1 / (stream + 1))
    const sum = weights.reduce((all, each) => all + each, 0)
    const zipf = (): number => {
      let rest = random.next() * sum
      return Math.max(
        0,
        weights.findIndex(each => (rest -= each) < 0),
      )
    }
    // Half of them at the beginning, so that faults find somebody; the others as they please.
    for (let index = 0; index < shape.players; index += 1)
      come(zipf(), index % 2 === 0 ? random.between(0, 1_000) : random.between(0, end))
    const crowdAt = random.between(2_000, end / 2)
    for (let index = 0; index < shape.crowd; index += 1) come(0, crowdAt + random.between(0, 3_000))
    if (this.isHeavy) this.#stopReading()
  }

  /** A viewer of the heavy stream stands still now and then. */
  #stopReading(): void {
    this.network.clock.after(this.random.between(2_000, 6_000), () => {
      for (const { watches } of this.nodes) watches.get(0)?.pause(this.random.between(1_000, 8_000))
      if (this.#healedAt === Infinity) this.#stopReading()
    })
  }

  #came(node: SimNode, stream: number): void {
    if (node.memory.isDead) return
    let watch = node.watches.get(stream)
    if (watch === undefined) {
      watch = new Watch(this, node, stream)
      node.watches.set(stream, watch)
      this.#traffic.came(this.#sids[stream]!, node.region)
    }
    watch.players += 1
    this.#players += 1
  }

  #left(node: SimNode, stream: number): void {
    const watch = node.watches.get(stream)
    if (watch === undefined) return
    watch.players -= 1
    if (watch.players > 0) return
    node.memory.clock.after(linger, () => {
      if (watch.players > 0 || node.watches.get(stream) !== watch) return
      node.watches.delete(stream)
      watch.end()
      this.#traffic.left(this.#sids[stream]!, node.region)
    })
  }

  #planFaults(end: number): void {
    const { random, shape } = this
    const [least, most] = shape.faults
    const count = least + Math.floor(random.next() * (most - least + 1))
    const planned =
      this.#options.faults ??
      Array.from({ length: count }, () => ({ name: anyFault(random.next()), at: random.between(2_000, 0.8 * end) }))
    this.#faults = planned.map(({ name }) => name)
    for (const { name, at } of planned) this.network.clock.after(at, () => this.#fault(name))
  }

  #fault(name: FaultName): void {
    const { network, tally, random, judge } = this
    const { act, stopsMedia, isAwaited = false }: FaultKind = faultKinds[name]
    tally.faults[name] = (tally.faults[name] ?? 0) + 1
    for (const { watches } of this.nodes) for (const watch of watches.values()) watch.longestGap = 0
    const node = this.#victim(name === 'owner unheard' ? random.next() / 2 : random.next())
    const { lasts, end } = act(this, node)
    this.trace(() => `FAULT ${name} (${node.name}) for ${Math.round(lasts)} ms`)
    if (name === 'node killed') this.#replace(node)
    if (name === 'node frozen') this.#loseEncoders(node, 3_000)
    if (stopsMedia) {
      this.#standing += 1
      judge.quietSince = Infinity
    }
    if (isAwaited) this.#awaited += 1
    const heal = (): void => {
      if (!this.#heals.delete(heal)) return
      if (isAwaited) this.#awaited -= 1
      this.trace(() => `${name} (${node.name}) is over`)
      if (!node.memory.isDead || !['node frozen', 'cut off'].includes(name)) end()
      if (stopsMedia) {
        this.#standing -= 1
        this.#traffic.letGo()
      }
      if (this.#standing === 0)
        judge.quietSince = Math.max(network.clock.now(), Number.isFinite(judge.quietSince) ? judge.quietSince : 0)
    }
    this.#heals.add(heal)
    network.clock.after(lasts, heal)
  }

  /** One that publishes, half of the time. @param random from 0 to below 1 */
  #victim(random: number): SimNode {
    const publishing = this.encoders.flatMap(({ node }) => (node === undefined ? [] : [node]))
    const among = random < 0.5 && publishing.length > 0 ? publishing : this.nodes
    return among[Math.floor(((random * 2) % 1) * among.length)]!
  }

  /** Its encoders come back elsewhere, its players at once, and another process begins. */
  #replace(node: SimNode): void {
    this.nodes.splice(this.nodes.indexOf(node), 1)
    this.#begin(node.region)
    this.#loseEncoders(node, 0)
    for (const [stream, watch] of node.watches) {
      this.#traffic.left(this.#sids[stream]!, node.region)
      this.network.clock.after(this.random.between(100, 1_000), () => {
        const other = this.anyNode()
        for (let player = 0; player < watch.players; player += 1) this.#came(other, stream)
        this.#players -= watch.players
      })
    }
    node.watches.clear()
  }

  #loseEncoders(node: SimNode, after: number): void {
    const lost = this.encoders.filter(encoder => encoder.node === node)
    this.network.clock.after(after, () => {
      const isBack = !node.memory.isDead && !node.memory.isFrozen
      if (!isBack) for (const encoder of lost) if (encoder.node === node) encoder.leave()
    })
  }

  get #isSplit(): boolean {
    return [...this.keys.keys()].some(stream => this.judge.ownersOf(stream).length > 1)
  }

  #checkOwners(stream: number): void {
    const owners = this.judge.ownersOf(stream)
    if (owners.length < 2) return
    const text = owners.map(({ node, claim }) => `${node.name} (epoch ${claim.epoch})`).join(' and ')
    this.judge.violate('owner', `${text} still have the name of stream ${stream}`)
  }

  #noteGaps(fault: FaultName): void {
    for (const { watches } of this.nodes)
      for (const { longestGap } of watches.values()) if (longestGap > 0) noteGap(this.tally, fault, longestGap)
  }
}

/** As the fabric makes it of the secret and the name. */
function sidOf(key: StreamKey): string {
  return createHmac('sha256', secret).update(streamKey(key)).digest('base64url').slice(0, 22)
}
