import type { Bus } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import type { Stores } from '../contract/store.ts'
import { askOwner } from './ask-owner.ts'
import { ignoreDown, type Lease } from './lease.ts'
import { maxDirectoryDown, maxSwept, returnGrace, sweepPause, sweepPeriod } from './limits.ts'
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
 * at a time, slowly. A node is dead when it has no lease, the servers do not know of it, and it renews no lease for 12 s in
 * which ours has been.
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
    const { node, stores, clock } = this.#options
    const { signal } = this.#end
    if ((await stores.nodes.create(sweepKey, Buffer.from('{}'))) === undefined) return
    const keys = await stores.streams.keys()
    const first = Math.floor(clock.random() * keys.length)
    /** By node. */
    const dead = new Map<string, boolean>([[node, false]])
    for (const sid of [...keys.slice(first), ...keys.slice(0, first)].slice(0, maxSwept)) {
      await pause(clock, sweepPause, signal)
      if (signal.aborted) return
      const entry = await stores.streams.get(sid)
      const owner = entry && parseOwner(entry.value)
      if (entry === undefined || owner === undefined) continue
      const isDead = dead.get(owner.node) ?? (await this.#isDead(owner, sid))
      dead.set(owner.node, isDead)
      // Whoever has claimed it in the meantime keeps it: the entry is another one then.
      if (isDead && !signal.aborted) await stores.streams.remove(sid, entry.revision)
    }
  }

  async #isDead(owner: Owner, sid: string): Promise<boolean> {
    const { bus, stores, clock, lease } = this.#options
    const { signal } = this.#end
    if ((await stores.nodes.get(owner.node)) !== undefined) return false
    const isGone = (since: number): boolean => clock.now() - since >= returnGrace
    const answer = await askOwner(owner, sid, { bus, clock, signal, isGone })
    return answer === 'gone' && lease.hasDied(owner.node, maxDirectoryDown, signal)
  }
}
