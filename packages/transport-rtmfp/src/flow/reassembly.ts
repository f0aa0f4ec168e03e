import { Fragment, type UserData } from '../wire/user-data.ts'

/** What is kept for each fragment beside its data, about: a message of crumbs, or of nothing, takes memory all the same. */
export const FRAGMENT_OVERHEAD = 128

interface Part {
  readonly sequence: number
  readonly kind: Fragment
  readonly data: Buffer
}

/** Makes messages of the fragments of one flow. */
export class Reassembly {
  /** What waits, in ascending order. */
  readonly #waiting: Part[] = []
  /** Parts of the message that comes next, without a hole. */
  #parts: Buffer[] = []
  #partsLength = 0
  #firstOfParts = 0
  /** The number after what has been taken, in order. */
  #next = 1
  #size = 0

  /** Bytes that are kept. */
  get size(): number {
    return this.#size
  }

  /** Fragments that wait for one before them. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Bytes of the message that has begun. */
  get begun(): number {
    return this.#partsLength
  }

  /** Keeps a fragment that has not come before. */
  add({ sequence, fragment, data }: UserData): void {
    // A small part would keep the whole packet.
    const kept = data.length * 4 < data.buffer.byteLength ? Buffer.from(data) : data
    const part = { sequence, kind: fragment, data: kept }
    this.#size += kept.length + FRAGMENT_OVERHEAD
    this.#waiting.splice(this.#placeOf(sequence), 0, part)
  }

  #placeOf(sequence: number): number {
    const last = this.#waiting.at(-1)
    if (last === undefined || last.sequence < sequence) return this.#waiting.length
    let [from, to] = [0, this.#waiting.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((this.#waiting[middle] as Part).sequence < sequence) from = middle + 1
      else to = middle
    }
    return from
  }

  /**
   * Gives the next message in order, of what is settled up to `cumulative`.
   *
   * @param take may return false to have no more for now
   * @param gap something before the next one is missing
   */
  takeInOrder(cumulative: number, take: (message: Buffer, sequence: number) => boolean, gap: () => void): void {
    let done = 0
    let goesOn = true
    for (; goesOn; done += 1) {
      const part = this.#waiting[done]
      if (part === undefined || part.sequence > cumulative) break
      if (part.sequence > this.#next) this.#lose(gap)
      this.#next = part.sequence + 1
      const isStart = part.kind === Fragment.Whole || part.kind === Fragment.Begin
      if (isStart && this.#parts.length > 0) this.#lose(gap)
      if (!isStart && this.#parts.length === 0) {
        this.#size -= part.data.length + FRAGMENT_OVERHEAD
        gap()
        continue
      }
      if (isStart) this.#firstOfParts = part.sequence
      this.#parts.push(part.data)
      this.#partsLength += part.data.length
      if (part.kind === Fragment.Begin || part.kind === Fragment.Middle) continue
      const message = this.#parts.length === 1 ? part.data : Buffer.concat(this.#parts, this.#partsLength)
      const sequence = this.#firstOfParts
      this.#drop()
      goesOn = take(message, sequence)
    }
    this.#waiting.splice(0, done)
    const rest = this.#waiting[0]
    if (goesOn && this.#next <= cumulative && (rest === undefined || rest.sequence > cumulative)) {
      this.#next = cumulative + 1
      this.#lose(gap)
    }
  }

  #lose(gap: () => void): void {
    this.#drop()
    gap()
  }

  #drop(): void {
    this.#size -= this.#partsLength + FRAGMENT_OVERHEAD * this.#parts.length
    this.#parts = []
    this.#partsLength = 0
  }

  /** Takes the message that the fragment of this number completed, if it did, whatever is missing before it. */
  takeAround(sequence: number): { readonly message: Buffer; readonly sequence: number } | undefined {
    const at = this.#placeOf(sequence)
    const begin = this.#edge(at, -1, Fragment.Begin)
    const end = begin === undefined ? undefined : this.#edge(at, 1, Fragment.End)
    if (begin === undefined || end === undefined) return undefined
    const parts = this.#waiting.splice(begin, end - begin + 1)
    const message = parts.length === 1 ? (parts[0] as Part).data : Buffer.concat(parts.map(({ data }) => data))
    this.#size -= message.length + FRAGMENT_OVERHEAD * parts.length
    return { message, sequence: (parts[0] as Part).sequence }
  }

  /** Where the message begins or ends that the part at a place belongs to. */
  #edge(at: number, step: 1 | -1, kind: Fragment): number | undefined {
    for (let index = at; ; index += step) {
      const part = this.#waiting[index]
      if (part === undefined) return undefined
      if (index !== at && part.sequence !== (this.#waiting[index - step] as Part).sequence + step) return undefined
      if (part.kind === Fragment.Whole) return index === at ? index : undefined
      if (part.kind === kind) return index
      if (part.kind !== Fragment.Middle && index !== at) return undefined
    }
  }

  /** Forgets parts of messages that will not become whole any more. */
  dropUpTo(settled: number): void {
    const count = this.#begunBefore(this.#placeOf(settled + 1), settled)
    for (const { data } of this.#waiting.splice(0, count)) this.#size -= data.length + FRAGMENT_OVERHEAD
  }

  /** Where the message begins that goes on behind what is settled, of the first `count` parts; `count` if none does. */
  #begunBefore(count: number, settled: number): number {
    for (let [index, sequence] = [count - 1, settled]; ; index -= 1, sequence -= 1) {
      const part = this.#waiting[index]
      if (part?.sequence !== sequence) return count
      if (part.kind === Fragment.Begin) return index
      if (part.kind !== Fragment.Middle) return count
    }
  }

  clear(): void {
    this.#waiting.length = 0
    this.#drop()
    this.#size = 0
  }
}
