import type { Bus } from '../contract/bus.ts'
import type { Clock } from '../contract/clock.ts'
import { firstAssumedBytes, maxJoinsAtOnce, maxJoinTime, maxSnapshotsBytes, troubledAssumedBytes } from './limits.ts'

/** One who asks for a stream, or is going to. */
export interface JoinTurn {
  /** An origin has answered: a snapshot is coming. */
  answered(): void
  /** What was asked for has come, or does not. Idempotent. @param bytes of the snapshot */
  end(bytes?: number): void
}

interface Turn extends JoinTurn {
  readonly begin: () => void
  isAsking: boolean
  isOver: boolean
  stopTimer: () => void
}

/**
 * Lets so many joins of one connection ask at a time that what they begin with fits into what a server holds for it: with
 * more, the server would cut the connection off, and all would begin anew. How much that is, is learned from what comes.
 */
export class JoinPace {
  readonly #clock: Clock
  readonly #waiting = new Set<Turn>()
  #asking = 0
  /** Of the snapshots that are expected. */
  #bytes = firstAssumedBytes

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** The connection was cut, perhaps as too much came at once. */
  lost(): void {
    this.#bytes = Math.max(this.#bytes, troubledAssumedBytes)
  }

  /** @param begin called in its turn, perhaps at once */
  enter(begin: (turn: JoinTurn) => void): JoinTurn {
    const turn: Turn = {
      begin: () => begin(turn),
      answered: () => turn.stopTimer(),
      end: bytes => {
        if (bytes !== undefined) this.#learn(bytes)
        this.#end(turn)
      },
      isAsking: false,
      isOver: false,
      stopTimer: () => {},
    }
    this.#waiting.add(turn)
    this.#next()
    return turn
  }

  get #most(): number {
    return Math.min(Math.max(Math.floor(maxSnapshotsBytes / this.#bytes), 1), maxJoinsAtOnce)
  }

  /** The greater ones are remembered for longer. */
  #learn(bytes: number): void {
    this.#bytes = Math.max(bytes, this.#bytes * 0.8)
  }

  #end(turn: Turn): void {
    if (turn.isOver) return
    turn.isOver = true
    turn.stopTimer()
    this.#waiting.delete(turn)
    if (turn.isAsking) this.#asking -= 1
    this.#next()
  }

  #next(): void {
    for (const turn of this.#waiting) {
      if (this.#asking >= this.#most) return
      this.#waiting.delete(turn)
      turn.isAsking = true
      this.#asking += 1
      // Of a silent origin nothing comes: others do not wait for it.
      turn.stopTimer = this.#clock.after(maxJoinTime, () => this.#end(turn))
      turn.begin()
    }
  }
}

/** One {@link JoinPace} for each connection, however many streams come by it. */
export class JoinPaces {
  readonly #clock: Clock
  readonly #paces = new WeakMap<Bus, JoinPace>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  of(bus: Bus): JoinPace {
    const known = this.#paces.get(bus)
    if (known !== undefined) return known
    const pace = new JoinPace(this.#clock)
    let wasUp = bus.isUp
    bus.onUp(() => {
      if (wasUp) pace.lost()
      wasUp = true
    })
    this.#paces.set(bus, pace)
    return pace
  }
}
