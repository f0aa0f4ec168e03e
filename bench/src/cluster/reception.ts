import { answerWith, type EdgeAnswer } from './answers.ts'
import { now, timeOffset } from './load.ts'

/** Of headers, which have no time in them. */
const shortest = 100

/** What has come to a node, and how late. */
export class Reception {
  readonly #faults: () => number
  readonly #streams = new Set<number>()
  #bytes = 0
  #latencies: number[] = []
  #isOpen = false

  /** @param faults tells how many there were since the start */
  constructor(faults: () => number) {
    this.#faults = faults
  }

  take(stream: number, payload: Buffer): void {
    this.#streams.add(stream)
    this.#bytes += payload.length
    if (this.#isOpen && payload.length > shortest) this.#latencies.push(now() - payload.readDoubleLE(timeOffset))
  }

  /** Answers questions from now on. */
  begin(): void {
    answerWith(() => {
      const answer: EdgeAnswer = {
        bytes: this.#bytes,
        latencies: this.#latencies,
        faults: this.#faults(),
        streams: this.#streams.size,
      }
      this.#isOpen = true
      this.#bytes = 0
      this.#latencies = []
      return answer
    })
  }
}
