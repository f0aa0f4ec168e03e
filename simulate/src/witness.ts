import { type Bus, type Carrier, type Store, type Stores } from '@rtmpipe/cluster-nats'
import { type MemoryNode } from '@rtmpipe/cluster-nats/memory'
import { type Judge, maxUnseen, muchBytes } from './judge.ts'
import type { Traffic } from './traffic.ts'

/** Milliseconds: what a lease has to miss, what may lie between two renewals, and what they may be apart. */
const deadAfter = 12_000
const maxRenewGap = 5_000
const slack = 2_100
/** Milliseconds by which a reader of the directory may be behind, with what the answer takes, and two clocks that differ. */
const maxBehind = 1_000

/** What the nodes of a schedule have in common. */
export interface Hearing {
  readonly judge: Judge
  readonly traffic: Traffic
  readonly witnesses: Map<string, Witness>
  /** Bytes that waited in a connection at most. */
  largest: number
}

/** Sees what a node asks the network and the directory, so that what it makes of it can be judged. */
export class Witness {
  readonly carrier: Carrier
  readonly stores: Stores
  readonly #node: MemoryNode
  readonly #hearing: Hearing
  /** Renewals of its lease: when, and whether they were made. */
  readonly #renewals: { readonly at: number; readonly isMade: boolean }[] = []
  /** When it looked for the lease of each node last. */
  readonly #looked = new Map<string, number>()
  /** Names for which their owner has not answered what he was asked. */
  readonly #silent = new Set<string>()
  /** Whose each name was when it was read. */
  readonly #owners = new Map<string, string>()

  /** @param watchesMemory whether to follow how much waits in the connection for media */
  constructor(node: MemoryNode, hearing: Hearing, watchesMemory: boolean) {
    this.#node = node
    this.#hearing = hearing
    hearing.witnesses.set(node.name, this)
    const { carrier, stores } = node
    const media = watchesMemory ? this.#media(carrier.media('')) : carrier.media('')
    this.carrier = { control: this.#control(carrier.control), media: () => media }
    this.stores = { nodes: this.#leases(stores.nodes), streams: this.#names(stores.streams) }
  }

  #renewedBefore(time: number): number {
    return this.#renewals.findLast(({ isMade, at }) => isMade && at < time)?.at ?? -Infinity
  }

  #control(bus: Bus): Bus {
    return {
      get isUp() {
        return bus.isUp
      },
      publish: (subject, payload) => bus.publish(subject, payload),
      subscribe: (subject, take) => bus.subscribe(subject, take),
      flush: () => bus.flush(),
      onUp: listener => bus.onUp(listener),
      ...(bus.onLoss && { onLoss: listener => bus.onLoss?.(listener) ?? (() => {}) }),
      ask: (subject, payload, take) => {
        const { sid } = JSON.parse(Buffer.from(payload).toString()) as { sid: string }
        this.#silent.add(sid)
        return bus.ask(subject, payload, answer => {
          this.#silent.delete(sid)
          take(answer)
        })
      },
    }
  }

  /** What the server has not seen of what it was given. */
  #media(bus: Bus): Bus {
    const { judge } = this.#hearing
    let given = 0
    let seen = 0
    bus.onUp(() => (seen = given))
    return {
      get isUp() {
        return bus.isUp
      },
      publish: (subject, payload) => {
        if (bus.isUp) given += payload.length
        const unseen = given - seen
        if (unseen > muchBytes) judge.tries('memory')
        this.#hearing.largest = Math.max(this.#hearing.largest, unseen)
        if (unseen > maxUnseen) judge.violate('memory', `${unseen} bytes wait in the connection of ${this.#node.name}`)
        bus.publish(subject, payload)
      },
      subscribe: (subject, take) => bus.subscribe(subject, take),
      flush: () => {
        const upTo = given
        return bus.flush().then(
          () => void (seen = Math.max(seen, upTo)),
          (error: unknown) => {
            seen = Math.max(seen, upTo)
            throw error
          },
        )
      },
      onUp: listener => bus.onUp(listener),
      ask: (subject, payload, take) => bus.ask(subject, payload, take),
    }
  }

  #leases(store: Store): Store {
    const { traffic } = this.#hearing
    return {
      ...counted(store, traffic),
      get: key => {
        traffic.asked()
        this.#looked.set(key, this.#node.clock.now())
        return store.get(key)
      },
      put: async (key, value) => {
        traffic.asked()
        try {
          const revision = await store.put(key, value)
          this.#renewed(true)
          return revision
        } catch (error) {
          this.#renewed(false)
          throw error
        }
      },
    }
  }

  #names(store: Store): Store {
    const { traffic } = this.#hearing
    return {
      ...counted(store, traffic),
      get: async key => {
        traffic.asked()
        const entry = await store.get(key)
        if (entry !== undefined) this.#owners.set(key, ownerIn(entry.value))
        return entry
      },
      update: async (key, value, revision) => {
        traffic.asked()
        const updated = await store.update(key, value, revision)
        if (updated !== undefined && this.#silent.has(key)) this.#check(this.#owners.get(key))
        return updated
      },
    }
  }

  #renewed(isMade: boolean): void {
    this.#renewals.push({ at: this.#node.clock.now(), isMade })
    if (this.#renewals.length > 40) this.#renewals.shift()
  }

  /** The node has taken a name that another one had, who did not answer. */
  #check(owner: string | undefined): void {
    const { judge, witnesses } = this.#hearing
    if (owner === undefined || owner === this.#node.name) return
    const other = witnesses.get(owner)
    if (other === undefined) return
    judge.tries('judgement')
    // What it renewed after the last look could not be seen.
    const seenUntil = (this.#looked.get(owner) ?? Infinity) - maxBehind
    const goodTime = this.#goodTimeSince(other.#renewedBefore(seenUntil))
    if (goodTime < deadAfter - slack)
      judge.violate('judgement', `${this.#node.name} takes ${owner} for dead after ${Math.round(goodTime)} ms`)
  }

  #goodTimeSince(since: number): number {
    let good = 0
    let last: number | undefined
    for (const { at, isMade } of this.#renewals) {
      if (isMade && last !== undefined && at - last <= maxRenewGap && at > since) good += at - last
      last = isMade ? at : undefined
    }
    return good
  }
}

function counted(store: Store, traffic: Traffic): Store {
  const ask = <T>(promise: Promise<T>): Promise<T> => {
    traffic.asked()
    return promise
  }
  return {
    created: () => ask(store.created()),
    create: (key, value) => ask(store.create(key, value)),
    update: (key, value, revision) => ask(store.update(key, value, revision)),
    put: (key, value) => ask(store.put(key, value)),
    get: key => ask(store.get(key)),
    keys: () => ask(store.keys()),
    remove: (key, revision) => ask(store.remove(key, revision)),
  }
}

function ownerIn(value: Uint8Array): string {
  return (JSON.parse(Buffer.from(value).toString()) as { node: string }).node
}
