import type { Bus } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import type { Stores } from '../contract/store.ts'
import { type Asking, askOwner } from './ask-owner.ts'
import { ignoreDown, type Lease } from './lease.ts'
import { maxDirectoryDown, returnGrace, sweepPause, sweepPeriod, sweepTime } from './limits.ts'
import { type Owner, parseOwner } from './messages.ts'
import { pause } from './waiting.ts'

/** Written by whoever sweeps: no id of a node. It is forgotten after a minute, as leases are. */
const sweepKey = 'sweep'

/** What a {@link Sweeper} needs. */
export interface SweeperOptions {
  readonly node: string
  readonly bus: Bus
  readonly stores: Stores
  readonly clock: Clock
  /** Of this node. */
  readonly lease: Lease
}

/**
 * Removes from the directory what nodes have left that are dead: names that nobody claims any more. One node of all does so
 * at a time, slowly, and ends after 50 s: whoever is next begins elsewhere. A node is dead when it has no lease, the servers
 * do not know of it, and it renews no lease for 12 s in which ours has been; of each of its names it is asked once more.
 */
export class Sweeper {
  readonly #options: SweeperOptions
  readonly #end = new AbortController()
  #cancel: (() => void) | undefined

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  /** Begins, unless it has begun. */
  start(): void {
    if (this.#cancel === undefined && !this.#end.signal.aborted) this.#sweepLater()
  }

  end(): void {
    this.#end.abort()
    this.#cancel?.()
  }

  #sweepLater(): void {
    const { clock } = this.#options
    this.#cancel = clock.after(sweepPeriod * (0.5 + clock.random()), () => {
      const again = (): void => {
        if (!this.#end.signal.aborted) this.#sweepLater()
      }
      this.#sweep().catch(ignoreDown).then(again, again)
    })
  }

  async #sweep(): Promise<void> {
    const { stores, clock } = this.#options
    if ((await stores.nodes.create(sweepKey, Buffer.from('{}'))) === undefined) return
    const over = new AbortController()
    const cancel = clock.after(sweepTime, () => over.abort())
    try {
      await this.#lookAtAll(AbortSignal.any([this.#end.signal, over.signal]))
    } finally {
      cancel()
    }
  }

  async #lookAtAll(signal: AbortSignal): Promise<void> {
    const { node, stores, clock } = this.#options
    const keys = await stores.streams.keys()
    const first = Math.floor(clock.random() * keys.length)
    /** By node. */
    const dead = new Map<string, boolean>([[node, false]])
    for (const sid of [...keys.slice(first), ...keys.slice(0, first)]) {
      await pause(clock, sweepPause, signal)
      if (signal.aborted) return
      const entry = await stores.streams.get(sid)
      const owner = entry && parseOwner(entry.value)
      if (entry === undefined || owner === undefined) continue
      const wasDead = dead.get(owner.node) ?? (await this.#isDead(owner, sid, signal))
      const isDead = wasDead && (await this.#isUnknown(owner, sid, () => true, signal))
      dead.set(owner.node, isDead)
      // Whoever has claimed it in the meantime keeps it: the entry is another one then.
      if (isDead && !signal.aborted) await stores.streams.remove(sid, entry.revision)
    }
  }

  async #isDead(owner: Owner, sid: string, signal: AbortSignal): Promise<boolean> {
    const { clock, lease } = this.#options
    const isGone = (since: number): boolean => clock.now() - since >= returnGrace
    return (await this.#isUnknown(owner, sid, isGone, signal)) && lease.hasDied(owner.node, maxDirectoryDown, signal)
  }

  /** Whether it has no lease, and the servers do not know of it. */
  async #isUnknown(owner: Owner, sid: string, isGone: Asking['isGone'], signal: AbortSignal): Promise<boolean> {
    const { bus, stores, clock } = this.#options
    if ((await stores.nodes.get(owner.node)) !== undefined) return false
    return (await askOwner(owner, sid, { bus, clock, signal, isGone })) === 'gone'
  }
}
