import { AmfError } from '../errors.ts'
import type { AmfLimits } from '../limits.ts'

/** What a message may still grow to. */
export class Budget {
  readonly #limits: AmfLimits
  /** Values in the message so far, whoever read or wrote them. */
  elements = 0

  constructor(limits: AmfLimits) {
    this.#limits = limits
  }

  /** One more value. */
  count(): void {
    if (++this.elements > this.#limits.elements) this.#tooMany()
  }

  /** So many values are to come. */
  announce(count: number): void {
    if (count > this.#limits.elements - this.elements) this.#tooMany()
  }

  /** Into so many objects. */
  enter(depth: number): void {
    if (depth > this.#limits.depth) {
      throw new AmfError('RTMP_ERR_AMF_DEPTH', `more than ${this.#limits.depth} objects inside one another`)
    }
  }

  /** Of an array, vector or dictionary. */
  length(length: number): void {
    if (length > this.#limits.arrayLength) {
      throw new AmfError('RTMP_ERR_AMF_ARRAY_LENGTH', `array of ${length} exceeds ${this.#limits.arrayLength}`)
    }
  }

  #tooMany(): never {
    throw new AmfError('RTMP_ERR_AMF_ELEMENTS', `more than ${this.#limits.elements} values in one message`)
  }
}
