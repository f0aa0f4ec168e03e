import type { Bottleneck } from './lossy-link.ts'
import type { Simulation } from './simulation.ts'

const SEGMENT = 1_448
const HEADERS = 52

/** A transfer by TCP with Reno's window (RFC 5681) and selective acknowledgements, as much as the line gives. */
export class TcpTransfer {
  received = 0
  readonly #simulation: Simulation
  readonly #bottleneck: Bottleneck
  readonly #delay: number
  #window = 10
  #threshold = Number.POSITIVE_INFINITY
  #inFlight = 0
  #next = 0
  #recovery = -1
  readonly #waiting = new Map<number, number>()

  constructor(simulation: Simulation, bottleneck: Bottleneck, delay: number) {
    this.#simulation = simulation
    this.#bottleneck = bottleneck
    this.#delay = delay
    simulation.at(0, () => this.#send())
  }

  #send(): void {
    while (this.#inFlight < Math.floor(this.#window)) {
      const number = this.#next
      this.#next += 1
      this.#inFlight += 1
      const { now } = this.#simulation
      this.#waiting.set(number, now)
      const passed = this.#bottleneck.pass(SEGMENT + HEADERS, now)
      if (passed !== undefined) this.#simulation.at(passed + 2 * this.#delay, () => this.#acknowledged(number))
      // What has no acknowledgement by then never will: the queue is drained, and everybody behind it was lost too.
      this.#simulation.at(now + 1_500, () => this.#timeout(number))
    }
  }

  #acknowledged(number: number): void {
    if (!this.#waiting.delete(number)) return
    this.#inFlight -= 1
    this.received += SEGMENT
    // Nothing is reordered on its way: three behind it have come.
    for (const [other] of this.#waiting) {
      if (other > number - 3) break
      this.#lost(other)
    }
    if (number > this.#recovery) this.#window += this.#window < this.#threshold ? 1 : 1 / this.#window
    this.#send()
  }

  #lost(number: number): void {
    this.#waiting.delete(number)
    this.#inFlight -= 1
    if (number <= this.#recovery) return
    this.#recovery = this.#next - 1
    this.#threshold = Math.max(this.#window / 2, 2)
    this.#window = this.#threshold
  }

  #timeout(number: number): void {
    if (!this.#waiting.has(number)) return
    this.#lost(number)
    this.#window = 1
    this.#send()
  }
}
