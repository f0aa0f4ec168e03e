import { type Clock, systemClock } from '../contract/clock.ts'
import { EventQueue, type TimedEvent } from './event-queue.ts'
import type { Random } from './random.ts'

/** When things happen in a network in memory. */
export interface NetworkTime extends Clock {
  /** @param delay milliseconds from now */
  add(event: TimedEvent, delay: number): void
}

/** A clock's timer as an event. */
class Timer implements TimedEvent {
  time = 0
  order = 0
  #run: (() => void) | undefined

  constructor(run: () => void) {
    this.#run = run
  }

  run(): void {
    this.#run?.()
  }

  cancel(): void {
    this.#run = undefined
  }
}

/** Time that stands still but while it is run, and then jumps from event to event. */
export class VirtualTime implements NetworkTime {
  readonly #queue = new EventQueue()
  readonly #random: Random
  readonly #eventsPerTurn: number
  #now = 0

  /** @param eventsPerTurn see MemoryNetwork's option */
  constructor(random: Random, eventsPerTurn: number) {
    this.#random = random
    this.#eventsPerTurn = eventsPerTurn
  }

  now(): number {
    return this.#now
  }

  random(): number {
    return this.#random.next()
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = new Timer(run)
    this.add(timer, milliseconds)
    return () => timer.cancel()
  }

  add(event: TimedEvent, delay: number): void {
    event.time = this.#now + Math.max(0, delay)
    this.#queue.add(event)
  }

  /** Lets the time pass until a condition is met, which is asked after each event. @returns whether it has been met */
  run(milliseconds: number, isMet?: () => boolean): Promise<boolean> {
    const end = this.#now + milliseconds
    return new Promise((resolve, reject) => {
      let isOver = false
      const finish = (met: boolean): void => {
        isOver = true
        resolve(met)
      }
      const step = (): void => {
        if (isOver) return
        try {
          if (isMet?.() === true) return finish(true)
          const event = this.#queue.first
          if (event === undefined || event.time > end) {
            this.#now = end
            return finish(false)
          }
          this.#queue.shift()
          this.#now = event.time
          event.run()
        } catch (error) {
          isOver = true
          reject(error)
        }
      }
      // Between two immediates Node runs all ticks and promises: that is quicker than a turn of the loop for each event.
      // What runs by an immediate itself needs the turn.
      const turn = (): void => {
        if (isOver) return
        for (let count = 0; count < this.#eventsPerTurn; count += 1) setImmediate(step)
        setImmediate(turn)
      }
      setImmediate(turn)
    })
  }
}

/** The time of the process. */
export class RealTime implements NetworkTime {
  readonly #queue = new EventQueue()
  /** For when the queue is looked at next; undefined when nobody waits for it. */
  #next: number | undefined
  #cancel = (): void => {}

  readonly now: Clock['now'] = systemClock.now
  readonly random: Clock['random'] = systemClock.random
  readonly after: Clock['after'] = systemClock.after

  add(event: TimedEvent, delay: number): void {
    event.time = this.now() + Math.max(0, delay)
    this.#queue.add(event)
    this.#wait()
  }

  #wait(): void {
    const time = this.#queue.first?.time
    if (time === undefined || (this.#next !== undefined && this.#next <= time)) return
    this.#cancel()
    this.#next = time
    const delay = time - this.now()
    if (delay > 0) this.#cancel = this.after(delay, () => this.#run())
    else {
      const immediate = setImmediate(() => this.#run())
      this.#cancel = () => clearImmediate(immediate)
    }
  }

  #run(): void {
    this.#next = undefined
    const now = this.now()
    try {
      for (let first = this.#queue.first; first !== undefined && first.time <= now; first = this.#queue.first) {
        this.#queue.shift()
        first.run()
      }
    } finally {
      this.#wait()
    }
  }
}
