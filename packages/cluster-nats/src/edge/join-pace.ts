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
  readonly isAgain: boolean
  hasBegun: boolean
  /** It has one of the places. */
  isCounted: boolean
  isOver: boolean
  stopTimer: () => void
}

/**
 * Lets so many joins of one connection ask at a time that what they begin with fits into what a server holds for it: with
 * more, the server would cut the connection off, and all would begin anew. How much that is, is learned from what comes.
 */
export class JoinPace {
  readonly #clock: Clock
  /** Those who have asked in vain have half of the places, so that others need not wait for what is silent. */
  readonly #waiting = { first: new Set<Turn>(), again: new Set<Turn>() }
  #asking = 0
  #askingAgain = 0
  #isServing = false
  /** Of the snapshots that are expected. */
  #bytes = firstAssumedBytes

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.first.size + this.#waiting.again.size
  }

  /** The connection was cut, perhaps as too much came at once. */
  lost(): void {
    this.#bytes = Math.max(this.#bytes, troubledAssumedBytes)
  }

  /**
   * @param begin called in its turn, perhaps at once
   * @param isAgain the last time, nobody has answered
   */
  enter(begin: (turn: JoinTurn) => void, isAgain = false): JoinTurn {
    const turn: Turn = {
      begin: () => begin(turn),
      isAgain,
      answered: () => {
        turn.stopTimer()
        // It was given up, and a snapshot comes after all.
        if (turn.hasBegun && !turn.isOver) this.#count(turn)
      },
      end: bytes => {
        if (bytes !== undefined) this.#learn(bytes)
        this.#end(turn)
      },
      hasBegun: false,
      isCounted: false,
      isOver: false,
      stopTimer: () => {},
    }
    this.#setOf(turn).add(turn)
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

  #setOf({ isAgain }: Turn): Set<Turn> {
    return isAgain ? this.#waiting.again : this.#waiting.first
  }

  #count(turn: Turn): void {
    if (turn.isCounted) return
    turn.isCounted = true
    this.#asking += 1
    if (turn.isAgain) this.#askingAgain += 1
  }

  #leave(turn: Turn): void {
    if (turn.isCounted) {
      turn.isCounted = false
      this.#asking -= 1
      if (turn.isAgain) this.#askingAgain -= 1
    }
    this.#next()
  }

  #end(turn: Turn): void {
    if (turn.isOver) return
    turn.isOver = true
    turn.stopTimer()
    this.#setOf(turn).delete(turn)
    this.#leave(turn)
  }

  /** Turns may end as they begin: that begins no further ones inside of each other. */
  #next(): void {
    if (this.#isServing) return
    this.#isServing = true
    try {
      for (let turn = this.#first(); turn !== undefined; turn = this.#first()) this.#begin(turn)
    } finally {
      this.#isServing = false
    }
  }

  #first(): Turn | undefined {
    const most = this.#most
    if (this.#asking >= most) return undefined
    const [first] = this.#waiting.first
    if (first !== undefined || this.#askingAgain >= Math.max(most / 2, 1)) return first
    const [again] = this.#waiting.again
    return again
  }

  #begin(turn: Turn): void {
    this.#setOf(turn).delete(turn)
    turn.hasBegun = true
    this.#count(turn)
    // Of a silent origin nothing comes: others do not wait for it.
    turn.stopTimer = this.#clock.after(maxJoinTime, () => this.#leave(turn))
    turn.begin()
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
