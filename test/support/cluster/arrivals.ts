import type { Readable } from 'node:stream'
import type { RtmpMessage } from 'rtmpipe'
import { type NumberedMessage, readNumbered } from './numbered.ts'

/** One that has come. */
export interface Arrival extends NumberedMessage {
  /** When, on `performance.now()`'s clock. */
  readonly at: number
}

/** Milliseconds in which what is waited for must come. */
const patience = 20_000

/** What a player has got of a numbered stream. */
export class Arrivals {
  readonly all: Arrival[] = []
  readonly stream: Readable
  readonly #waiters = new Set<() => void>()
  #failure: Error | undefined

  constructor(stream: Readable) {
    this.stream = stream
    stream.on('error', (error: Error) => (this.#failure = error))
    stream.on('data', (message: RtmpMessage) => {
      const numbered = readNumbered(message)
      if (numbered === undefined) return
      this.all.push({ ...numbered, at: performance.now() })
      for (const waiter of this.#waiters) waiter()
    })
  }

  get last(): Arrival | undefined {
    return this.all.at(-1)
  }

  /** Resolves with the first one, come from now on, that is like this. */
  next(isIt: (arrival: Arrival) => boolean = () => true): Promise<Arrival> {
    const from = this.all.length
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#waiters.delete(look)
      }
      const look = (): void => {
        const last = this.all.at(-1) as Arrival
        if (this.all.length === from || !isIt(last)) return
        end()
        resolve(last)
      }
      const timer = setTimeout(() => {
        end()
        reject(this.#failure ?? new Error(`it has not come in ${patience} ms, after ${this.all.length} messages`))
      }, patience)
      this.#waiters.add(look)
    })
  }

  since(from: number, to = Infinity): Arrival[] {
    return this.all.filter(({ at }) => at >= from && at <= to)
  }

  /** Milliseconds of the longest time without anything in that window, its edges included. */
  longestGap(from: number, to: number): number {
    const times = [from, ...this.since(from, to).map(({ at }) => at), to]
    return Math.max(...times.slice(1).map((at, index) => at - (times[index] as number)))
  }

  /** Messages that are missing between the first one and the last. */
  get missing(): number {
    return missing(this.all.map(({ number }) => number))
  }

  /** The same of sounds alone, which never wait for a keyframe: those that got lost on the way. */
  get missingSounds(): number {
    return missing(this.all.filter(({ isPicture }) => !isPicture).map(({ index }) => index))
  }

  /** Pictures that came without the one that they are made from. */
  get broken(): number {
    let [before, count] = [-1, 0]
    for (const { index, isPicture, isKey } of this.all) {
      if (!isPicture) continue
      if (!isKey && index !== before + 1) count += 1
      before = index
    }
    return count
  }

  /** Those of their ages, in milliseconds, that so many of a hundred do not exceed. */
  age(percent: number, from = 0, to = Infinity): number {
    return percentile(
      this.since(from, to).map(({ at, sentAt }) => at - sentAt),
      percent,
    )
  }
}

function missing(numbers: readonly number[]): number {
  if (numbers.length === 0) return 0
  return (numbers.at(-1) as number) - (numbers[0] as number) + 1 - new Set(numbers).size
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN
}

/** Prints what was measured, where the tests show it. */
export function report(what: string, figures: Readonly<Record<string, number>>): void {
  const text = Object.entries(figures).map(([name, value]) => `${name} ${Math.round(value * 10) / 10}`)
  console.info(`${what}: ${text.join(', ')}`)
}
