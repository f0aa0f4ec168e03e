import type { Part } from './part.ts'

/** What is sent before media of some tracks. */
export interface Init {
  readonly name: string
  readonly body: Buffer
}

/** A segment of a media playlist, complete or under way. */
export class Segment {
  /** Media sequence number. */
  readonly number: number
  readonly name: string
  readonly init: Init | undefined
  /** Milliseconds since 1970 at its beginning. */
  readonly date: number
  /** Whether something else begins here than went on before. */
  readonly isDiscontinuous: boolean
  readonly parts: Part[] = []
  /** Undefined until it is complete, and when its bytes are in a file alone. */
  body: Buffer | undefined
  /** Whether its bytes are in a file, too; undefined while that is not known. */
  isStored: boolean | undefined
  /** Milliseconds. */
  duration = 0
  byteLength = 0
  #isComplete = false
  #isIndependent = false

  constructor(fields: Pick<Segment, 'number' | 'name' | 'init' | 'date' | 'isDiscontinuous'>) {
    this.number = fields.number
    this.name = fields.name
    this.init = fields.init
    this.date = fields.date
    this.isDiscontinuous = fields.isDiscontinuous
  }

  get isComplete(): boolean {
    return this.#isComplete
  }

  /** True where players can begin with it. */
  get isIndependent(): boolean {
    return this.#isIndependent
  }

  add(part: Part): void {
    if (this.parts.length === 0) this.#isIndependent = part.isIndependent
    this.parts.push(part)
    this.duration += part.duration
    this.byteLength += part.body.length
  }

  /** Its bytes are one piece from now on, of which those of the parts are pieces. */
  complete(): void {
    const body = Buffer.concat(this.parts.map(part => part.body))
    let at = 0
    for (const part of this.parts) {
      const end = at + part.body.length
      part.body = body.subarray(at, end)
      at = end
    }
    this.body = body
    this.#isComplete = true
  }

  /** Its bytes are had from a file from now on, and its parts no more. */
  unload(): void {
    this.body = undefined
    this.parts.length = 0
  }
}
