import type { Link } from './link.ts'
import { unref } from './unref.ts'

/** When a silent peer is pinged, and when it is given up. */
export interface PingTimes {
  /** Milliseconds of silence after which it is pinged; 0 for never. */
  readonly pingInterval: number
  /** Milliseconds after that until it is given up. */
  readonly pingTimeout: number
}

/** Looks at each connection within the shorter of both times. */
const looks = 4
/** Number of groups: connections are checked group by group, so that not all are pinged in one turn. */
const groupCount = 16

/**
 * Pings connections that have fallen silent and ends those that stay silent; any received byte counts. One timer serves
 * all connections and only reads counters. It counts its own runs, not time, so that after a pause of this process
 * nobody is ended by mistake.
 */
export class DeadPeers {
  readonly #period: number
  readonly #pingAfter: number
  readonly #endAfter: number
  readonly #groups: readonly Set<Link>[] = Array.from({ length: groupCount }, () => new Set())
  #size = 0
  #turn = 0
  #timer: NodeJS.Timeout | undefined

  constructor({ pingInterval, pingTimeout }: PingTimes) {
    this.#period = Math.max(Math.floor(Math.min(pingInterval, pingTimeout) / looks / groupCount), 1)
    const interval = this.#period * groupCount
    this.#pingAfter = pingInterval > 0 ? Math.max(Math.round(pingInterval / interval), 1) : Infinity
    this.#endAfter = this.#pingAfter + Math.max(Math.round(pingTimeout / interval), 1)
  }

  add(link: Link): void {
    if (this.#pingAfter === Infinity) return
    this.#groupOf(link).add(link)
    this.#size += 1
    this.#timer ??= unref(setInterval(() => this.#look(), this.#period))
  }

  delete(link: Link): void {
    if (!this.#groupOf(link).delete(link)) return
    this.#size -= 1
    if (this.#size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #groupOf(link: Link): Set<Link> {
    return this.#groups[link.number % groupCount] as Set<Link>
  }

  #look(): void {
    const now = performance.now()
    this.#turn = (this.#turn + 1) % groupCount
    for (const link of this.#groups[this.#turn] ?? []) {
      link.measure(now)
      const silentLooks = link.listen()
      if (silentLooks === this.#pingAfter) link.ping()
      else if (silentLooks >= this.#endAfter) link.giveUp()
    }
  }
}
