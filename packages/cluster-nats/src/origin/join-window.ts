import type { Clock } from '../contract/clock.ts'
import type { JoinRequest } from '../wire/join-messages.ts'
import type { Hop } from './hop.ts'
import { keyOf } from './joins.ts'
import { maxWaitingJoins, snapshotWindow } from './limits.ts'

/**
 * When snapshots are made: for the first join at once, and one for all who come within the window after the last. So
 * thousands who join together cost the origin fifty snapshots a second, and one who joins alone waits for nothing.
 */
export class JoinWindow {
  readonly #clock: Clock
  readonly #hop: Pick<Hop, 'hasRoomForSnapshot' | 'whenRoom'>
  readonly #serve: (waiting: readonly JoinRequest[]) => void
  readonly #waiting = new Map<string, JoinRequest>()
  #lastSnapshot = -Infinity
  /** Ends the waiting for the end of the window, or for room. */
  #stopWaiting = (): void => {}

  /**
   * @param hop while it has no room for a snapshot, who joins waits
   * @param serve makes a snapshot for those who wait
   */
  constructor(
    clock: Clock,
    hop: Pick<Hop, 'hasRoomForSnapshot' | 'whenRoom'>,
    serve: (waiting: readonly JoinRequest[]) => void,
  ) {
    this.#clock = clock
    this.#hop = hop
    this.#serve = serve
  }

  /** Whether the caller is to make a snapshot for this join now, or it will be served with others, or too many wait. */
  enter(request: JoinRequest): 'now' | 'later' | 'busy' {
    const now = this.#clock.now()
    if (this.#waiting.size === 0 && now - this.#lastSnapshot >= snapshotWindow && this.#hop.hasRoomForSnapshot) {
      this.#lastSnapshot = now
      return 'now'
    }
    const key = keyOf(request)
    if (this.#waiting.size >= maxWaitingJoins && !this.#waiting.has(key)) return 'busy'
    if (this.#waiting.size === 0) {
      this.#stopWaiting()
      this.#stopWaiting = this.#clock.after(Math.max(this.#lastSnapshot + snapshotWindow - now, 0), () =>
        this.#serveAll(),
      )
    }
    this.#waiting.set(key, request)
    return 'later'
  }

  /** It waits no more. */
  leave(request: JoinRequest): void {
    this.#waiting.delete(keyOf(request))
  }

  clear(): void {
    this.#stopWaiting()
    this.#waiting.clear()
  }

  #serveAll(): void {
    this.#stopWaiting()
    if (this.#waiting.size === 0) return
    if (!this.#hop.hasRoomForSnapshot) {
      this.#stopWaiting = this.#hop.whenRoom(() => this.#serveAll())
      return
    }
    this.#lastSnapshot = this.#clock.now()
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#serve(waiting)
  }
}
