import type { Clock } from '../contract/clock.ts'
import type { Store } from '../contract/store.ts'
import { DirectoryDownError } from '../errors.ts'
import { deadAfter, maxRenewGap, renewPeriod } from './limits.ts'
import { waitFor } from './waiting.ts'

/** Tells the others that this node lives, again and again; and whether another one does. */
export class Lease {
  readonly #nodes: Store
  readonly #clock: Clock
  readonly #node: string
  readonly #onDown: () => void
  readonly #listeners = new Set<() => void>()
  #cancel: (() => void) | undefined
  #revision: number | undefined
  #renewedAt: number | undefined
  #goodTime = 0
  #isOver = false

  /** @param onDown told each time that the directory does not answer */
  constructor(nodes: Store, clock: Clock, node: string, onDown: () => void = () => {}) {
    this.#nodes = nodes
    this.#clock = clock
    this.#node = node
    this.#onDown = onDown
  }

  /** Begins, unless it has begun. */
  start(): void {
    if (this.#cancel === undefined && !this.#isOver) void this.#renew()
  }

  /** Ends, and takes what is in the store along. What it can't remove is forgotten in a minute. */
  async end(): Promise<void> {
    this.#isOver = true
    this.#cancel?.()
    if (this.#revision !== undefined) await this.#nodes.remove(this.#node, this.#revision).catch(ignoreDown)
  }

  /**
   * Whether a node that does not answer has died: its lease has not been renewed for 12 s in which ours has been. So
   * nobody is dead because the directory can't be written, or we can't reach it.
   *
   * @throws DirectoryDownError when nothing can be said for so long because of the directory
   * @returns false when it lives, or the waiting is aborted
   */
  async hasDied(node: string, patience: number, signal: AbortSignal): Promise<boolean> {
    let seen: { readonly revision: number | undefined; readonly goodTime: number } | undefined
    let triedAt = this.#clock.now()
    while (!signal.aborted) {
      await this.#nextRenewal(patience, signal)
      if (signal.aborted) break
      const entry = await this.#nodes.get(node).catch(ignoreDown)
      if (entry === null) {
        if (this.#clock.now() - triedAt > patience)
          throw new DirectoryDownError('the directory of names does not answer')
        continue
      }
      triedAt = this.#clock.now()
      const revision = entry?.revision
      if (seen === undefined) seen = { revision, goodTime: this.#goodTime }
      else if (revision !== undefined && revision !== seen.revision) return false
      else if (this.#goodTime - seen.goodTime >= deadAfter) return true
    }
    return false
  }

  /** @throws DirectoryDownError when there is none for so long */
  async #nextRenewal(patience: number, signal: AbortSignal): Promise<void> {
    const isRenewed = await waitFor<boolean>(signal, resolve => {
      const listener = (): void => resolve(true)
      this.#listeners.add(listener)
      const cancel = this.#clock.after(patience, () => resolve(false))
      return () => {
        this.#listeners.delete(listener)
        cancel()
      }
    })
    if (isRenewed === false) throw new DirectoryDownError('this node can not write into the directory of names')
  }

  async #renew(): Promise<void> {
    this.#cancel = this.#clock.after(renewPeriod, () => void this.#renew())
    const revision = await this.#nodes.put(this.#node, Buffer.from('{}')).catch(ignoreDown)
    const now = this.#clock.now()
    if (revision === null) {
      this.#renewedAt = undefined
      this.#onDown()
    } else {
      this.#revision = revision
      const gap = this.#renewedAt === undefined ? Infinity : now - this.#renewedAt
      if (gap <= maxRenewGap) this.#goodTime += gap
      this.#renewedAt = now
      for (const listener of this.#listeners) listener()
    }
  }
}

/** For what is tried again, or may be left. */
export function ignoreDown(error: unknown): null {
  if (error instanceof DirectoryDownError) return null
  throw error
}
