/** A flow that can be made to wait. */
export interface HoldableFlow {
  /** Nothing comes out of it until it is let go. */
  isSynchronizing: boolean
}

interface Barrier {
  readonly flows: Set<HoldableFlow>
  readonly deadline: number
}

/** Barriers that wait at one time. */
const MOST_BARRIERS = 16
/** Milliseconds after which a barrier opens by itself: what it waits for was given up, or never existed. */
const LONGEST_WAIT = 2_000

/**
 * Flow Sync (RFC 7425 §5.2): flows that have come to a barrier wait until as many as it says have. Times are milliseconds.
 */
export class FlowSync {
  readonly #barriers = new Map<number, Barrier>()

  /** When {@link tick} has something to do; Infinity if there is no barrier. */
  get deadline(): number {
    // Each was set up after those before it.
    for (const { deadline } of this.#barriers.values()) return deadline
    return Number.POSITIVE_INFINITY
  }

  /** A flow has come to the barrier `syncId`, for which `count` flows are to come. */
  arrived(flow: HoldableFlow, syncId: number, count: number, now: number): void {
    const barrier = this.#barriers.get(syncId) ?? this.#setUp(syncId, count, now)
    if (barrier === undefined) return
    barrier.flows.add(flow)
    if (barrier.flows.size >= count) this.#open(syncId, barrier)
    else flow.isSynchronizing = true
  }

  /** A flow is over: nobody waits for it, nor with it. */
  ended(flow: HoldableFlow): void {
    for (const [syncId, barrier] of this.#barriers) if (barrier.flows.has(flow)) this.#open(syncId, barrier)
  }

  /** Opens what has waited long enough. */
  tick(now: number): void {
    for (const [syncId, barrier] of this.#barriers) if (barrier.deadline <= now) this.#open(syncId, barrier)
  }

  #setUp(syncId: number, count: number, now: number): Barrier | undefined {
    if (count < 2) return undefined
    const [oldest] = this.#barriers
    if (oldest !== undefined && this.#barriers.size >= MOST_BARRIERS) this.#open(...oldest)
    const barrier: Barrier = { flows: new Set(), deadline: now + LONGEST_WAIT }
    this.#barriers.set(syncId, barrier)
    return barrier
  }

  #open(syncId: number, { flows }: Barrier): void {
    this.#barriers.delete(syncId)
    for (const flow of flows) flow.isSynchronizing = false
  }
}
