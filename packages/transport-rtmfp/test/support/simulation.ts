/** Something that is driven by the time. */
export interface Machine {
  readonly deadline: number
  tick(now: number): void
}

interface Event {
  readonly at: number
  readonly order: number
  readonly run: (now: number) => void
}

/** A clock of its own: runs whatever is next, in no time. */
export class Simulation {
  now = 0
  readonly #machines: Machine[] = []
  readonly #events: Event[] = []
  #order = 0

  add(machine: Machine): void {
    this.#machines.push(machine)
  }

  at(time: number, run: (now: number) => void): void {
    this.#order += 1
    const event = { at: Math.max(time, this.now), order: this.#order, run }
    let index = this.#events.push(event) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (isBefore(this.#events[parent] as Event, event)) break
      this.#events[index] = this.#events[parent] as Event
      index = parent
    }
    this.#events[index] = event
  }

  every(period: number, until: number, run: (now: number) => void): void {
    for (let time = this.now; time < until; time += period) this.at(time, run)
  }

  /** Runs until nothing is left to do before `end`, or `isDone`. */
  run(end: number, isDone: () => boolean = () => false): void {
    let same = 0
    while (!isDone()) {
      let next = this.#events[0]?.at ?? Number.POSITIVE_INFINITY
      let machine: Machine | undefined
      for (const each of this.#machines) {
        if (each.deadline >= next) continue
        next = each.deadline
        machine = each
      }
      if (next > end) break
      same = next > this.now ? 0 : same + 1
      if (same > 100_000) throw new Error(`the time stands still at ${this.now}`)
      this.now = Math.max(this.now, next)
      if (machine === undefined) this.#take().run(this.now)
      else machine.tick(this.now)
    }
    if (!isDone()) this.now = Math.max(this.now, end)
  }

  #take(): Event {
    const first = this.#events[0] as Event
    const last = this.#events.pop() as Event
    if (this.#events.length === 0) return first
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      if (child >= this.#events.length) break
      const other = this.#events[child + 1]
      if (other !== undefined && isBefore(other, this.#events[child] as Event)) child += 1
      if (isBefore(last, this.#events[child] as Event)) break
      this.#events[index] = this.#events[child] as Event
      index = child
    }
    this.#events[index] = last
    return first
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
