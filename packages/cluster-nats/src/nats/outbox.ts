import { maxFrameLength } from '../wire/limits.ts'

/** Bytes of memory that is got at once, for four of the longest frames: little at first, as most nodes send little. */
const slabLength: number = 4 * (maxFrameLength + 1024)
const firstSlabLength = slabLength / 64
/** Slabs that wait to be used again. */
const maxFree = 8

const [lf, cr, space, zero, tilde] = [10, 13, 32, 48, 126]
/** Bytes around a subject and a payload: `PUB `, a length of up to ten digits, spaces and ends of lines. */
const maxAround = 20

/**
 * What is published in one turn, as the protocol has it, in one piece: so the library hands it to its socket as it is.
 * Memory that the server has seen is written into again: new memory all the time would cost more than what is written.
 */
export class Outbox {
  readonly #send: (bytes: Buffer) => void
  #slab: Buffer = Buffer.alloc(0)
  /** What is in the slab: sent up to `#sent`, to be sent up to `#used`. */
  #sent = 0
  #used = 0
  /** Given to be filled, up to `#reservedUntil`; undefined when nothing is. */
  #reserved: Buffer | undefined
  #subject = ''
  #reservedUntil = 0
  /** Bytes that were sent last. */
  #lastLength = 0
  #isScheduled = false
  #nextLength = firstSlabLength
  #filled: Buffer[] = []
  readonly #free: Buffer[] = []

  /** @param send hands over whole commands, at the latest at the end of the turn in which they were taken */
  constructor(send: (bytes: Buffer) => void) {
    this.#send = send
  }

  /**
   * Memory for a payload, which takes the place of what was reserved before and not taken. Of one that is too long for a
   * slab, or for a subject that is no plain ASCII, as others may have named one, it is not of here, nor taken.
   */
  reserve(subject: string, length: number): Buffer {
    const needed = subject.length + length + maxAround
    this.#reserved = undefined
    if (needed > slabLength) return Buffer.allocUnsafe(length)
    if (this.#isTooShort(needed)) this.#next(needed)
    const slab = this.#slab
    const start = writeCommand(slab, this.#used, subject, length)
    if (start === undefined) return Buffer.allocUnsafe(length)
    this.#subject = subject
    slab[start + length] = cr
    slab[start + length + 1] = lf
    this.#reservedUntil = start + length + 2
    return (this.#reserved = slab.subarray(start, start + length))
  }

  /**
   * Sends it at the end of the turn.
   *
   * @returns false for what is not what was reserved last
   * @throws TypeError when it was reserved for another subject
   */
  take(subject: string, payload: Uint8Array): boolean {
    if (payload !== this.#reserved) return false
    if (subject !== this.#subject) throw new TypeError(`memory for ${this.#subject} is published on ${subject}`)
    this.#reserved = undefined
    this.#used = this.#reservedUntil
    if (this.#isScheduled) return true
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.flush()
    })
    return true
  }

  /** Sends what has been taken: to be called before anything else is published. */
  flush(): void {
    if (this.#sent === this.#used) return
    const bytes = this.#slab.subarray(this.#sent, this.#used)
    this.#sent = this.#used
    this.#lastLength = bytes.length
    this.#send(bytes)
  }

  /** What has been filled and sent since the last call, to be given back when nobody reads it any more, or forgotten. */
  filled(): readonly Buffer[] {
    const filled = this.#filled
    this.#filled = []
    return filled
  }

  /** It is written into again. */
  giveBack(filled: readonly Buffer[]): void {
    for (const slab of filled) if (this.#free.length < maxFree) this.#free.push(slab)
  }

  /**
   * A turn begins where there is room for all of it, most likely: what is sent in two pieces the library copies. But half
   * of each slab is used at least: those that a server does not take are memory, however little is in them.
   */
  #isTooShort(length: number): boolean {
    const left = this.#slab.length - this.#used
    const isNewTurn = this.#sent === this.#used && this.#used > slabLength / 2
    return left < (isNewTurn ? Math.max(length, 1.5 * this.#lastLength) : length)
  }

  #next(length: number): void {
    this.flush()
    if (this.#slab.length === slabLength) this.#filled.push(this.#slab)
    this.#slab = this.#free.pop() ?? this.#more(length)
    this.#sent = this.#used = 0
  }

  #more(length: number): Buffer {
    while (this.#nextLength < length) this.#nextLength *= 4
    const slab = Buffer.allocUnsafeSlow(this.#nextLength)
    this.#nextLength = Math.min(4 * this.#nextLength, slabLength)
    return slab
  }
}

/**
 * `PUB subject length`, byte by byte: a string that is made and encoded for each message would take several times as long.
 *
 * @returns where it ends; undefined for a subject that has to be encoded, or could end the line
 */
function writeCommand(bytes: Buffer, start: number, subject: string, length: number): number | undefined {
  bytes[start] = 80
  bytes[start + 1] = 85
  bytes[start + 2] = 66
  bytes[start + 3] = space
  let at = start + 4
  for (let index = 0; index < subject.length; index += 1) {
    const code = subject.charCodeAt(index)
    if (code <= space || code > tilde) return undefined
    bytes[at + index] = code
  }
  at += subject.length
  bytes[at] = space
  let digits = 1
  for (let limit = 10; limit <= length; limit *= 10) digits += 1
  let left = length
  for (let index = digits; index > 0; index -= 1) {
    bytes[at + index] = zero + (left % 10)
    left = Math.trunc(left / 10)
  }
  at += 1 + digits
  bytes[at] = cr
  bytes[at + 1] = lf
  return at + 2
}
