import { type StreamKey, streamKey, type StreamView, type Subscription } from '@rtmpipe/session'
import { StreamLostError } from './errors.ts'
import type { Claim, Fabric, JoinedStream } from './fabric.ts'
import { Latest } from './latest.ts'
import { MemoryExchange, MemoryNames } from './memory-exchange.ts'
import { subscribeToJoin } from './subscribe-to-join.ts'

interface Owner {
  readonly fabric: MemoryFabric
  readonly epoch: number
  /** Undefined until it is offered. */
  readonly stream: StreamView | undefined
  readonly readers: Set<Subscription>
  /** Asked when another fabric claims the name. */
  readonly makesWay: () => boolean
}

type Owners = Latest<Owner | undefined>

/** Where the memory fabrics of one test meet. */
export class MemoryHub {
  /** Who answers questions. For {@link MemoryFabric}. */
  readonly names: MemoryNames = new MemoryNames()
  readonly #owners = new Map<string, Owner>()
  readonly #watchers = new Map<string, Set<Owners>>()
  #epoch = 0

  /** For {@link MemoryFabric}, as all of this class. @returns the epoch, or undefined when the name is taken */
  async claim(key: string, fabric: MemoryFabric): Promise<number | undefined> {
    const owner = this.#owners.get(key)
    if (owner !== undefined) {
      if (owner.fabric === fabric || !owner.makesWay()) return undefined
      await this.#freed(key, owner)
      if (this.#owners.has(key)) return undefined
    }
    this.#epoch += 1
    this.#owners.set(key, { fabric, epoch: this.#epoch, stream: undefined, readers: new Set(), makesWay: () => false })
    return this.#epoch
  }

  /** The claimed stream may be joined. Nothing happens when the claim has been given back. */
  offer(key: string, epoch: number, stream: StreamView, makesWay: () => boolean): void {
    const owner = this.#owners.get(key)
    if (owner?.epoch !== epoch) return
    this.#owners.set(key, { ...owner, stream, makesWay })
    this.#tell(key)
  }

  /** Gives a claim back. Nothing happens when somebody else has the name by now. */
  release(key: string, epoch: number): void {
    if (this.#owners.get(key)?.epoch !== epoch) return
    this.#owners.delete(key)
    this.#tell(key)
  }

  /** A process is gone: so are its names, and whoever reads what it published is cut off. */
  remove(fabric: MemoryFabric): void {
    for (const [key, owner] of this.#owners) {
      if (owner.fabric !== fabric) continue
      this.release(key, owner.epoch)
      for (const reader of owner.readers) reader.destroy(new StreamLostError('the publishing fabric was disposed'))
    }
  }

  /** Tells who has a name, now and later. */
  watch(key: string, owners: Owners): void {
    const watchers = this.#watchers.get(key) ?? new Set()
    this.#watchers.set(key, watchers.add(owners))
    owners.set(this.#owners.get(key))
  }

  /** Tells no more. */
  unwatch(key: string, owners: Owners): void {
    const watchers = this.#watchers.get(key)
    watchers?.delete(owners)
    if (watchers?.size === 0) this.#watchers.delete(key)
  }

  /** Resolves when that owner has given the name back. */
  async #freed(key: string, { epoch }: Owner): Promise<void> {
    const end = new AbortController()
    const owners: Owners = new Latest(end.signal)
    this.watch(key, owners)
    for await (const owner of owners) if (owner?.epoch !== epoch) break
    this.unwatch(key, owners)
  }

  #tell(key: string): void {
    for (const watcher of this.#watchers.get(key) ?? []) watcher.set(this.#owners.get(key))
  }
}

/** The streams of several servers in one process; for tests. */
export class MemoryFabric implements Fabric {
  readonly exchange: MemoryExchange
  readonly #hub: MemoryHub
  readonly #joins = new Set<Owners>()
  #isDisposed = false

  constructor(hub: MemoryHub) {
    this.#hub = hub
    this.exchange = new MemoryExchange(hub.names)
  }

  async claim(key: StreamKey): Promise<Claim | undefined> {
    const epoch = this.#isDisposed ? undefined : await this.#hub.claim(streamKey(key), this)
    if (epoch === undefined) return undefined
    const release = async () => this.#hub.release(streamKey(key), epoch)
    return { key, epoch, lost: new AbortController().signal, release }
  }

  offer({ key, epoch }: Claim, stream: StreamView, makesWay: () => boolean = () => false): void {
    this.#hub.offer(streamKey(key), epoch, stream, makesWay)
  }

  async *join(key: StreamKey, { signal }: { readonly signal: AbortSignal }): AsyncIterable<JoinedStream> {
    if (this.#isDisposed) return
    const owners: Owners = new Latest(signal)
    this.#joins.add(owners)
    this.#hub.watch(streamKey(key), owners)
    try {
      for await (const owner of owners) {
        if (owner?.stream === undefined || owner.fabric === this) continue
        const messages = subscribeToJoin(owner.stream)
        owner.readers.add(messages)
        messages.once('error', () => owners.again(owner))
        messages.once('close', () => owner.readers.delete(messages))
        yield { epoch: owner.epoch, messages }
      }
    } finally {
      this.#joins.delete(owners)
      this.#hub.unwatch(streamKey(key), owners)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true
    for (const owners of this.#joins) owners.end()
    this.exchange.close()
    this.#hub.remove(this)
  }
}
