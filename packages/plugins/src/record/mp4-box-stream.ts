import { boxHead, typeOf } from './mp4-box.ts'

/** Head of a box whose size takes 64 bits. */
const longBoxHead = 16

/** Cuts the bytes of an MP4 file, however they come, so that boxes of some types are seen whole, and may be replaced. */
export class Mp4BoxStream {
  readonly #replace: (box: Buffer, position: number) => Buffer
  readonly #types: ReadonlySet<string>
  #pending: Buffer = Buffer.alloc(0)
  /** Bytes of the box at hand that are passed on as they come. */
  #passing = 0
  /** Of the next byte to be looked at, as the bytes come. */
  #position = 0

  /** @param replace is given each whole box of these types and where it began, and returns what is to stand there */
  constructor(types: readonly string[], replace: (box: Buffer, position: number) => Buffer) {
    this.#types = new Set(types)
    this.#replace = replace
  }

  /** Takes the next bytes, and gives what can be written now. */
  push(bytes: Buffer): Buffer[] {
    const out: Buffer[] = []
    let rest = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes])
    this.#pending = Buffer.alloc(0)
    while (rest.length > 0) {
      if (this.#passing === 0) {
        const size = sizeOf(rest)
        const isWanted = size !== undefined && this.#types.has(typeOf(rest))
        if (size === undefined || (isWanted && rest.length < size)) break
        if (isWanted) {
          out.push(this.#replace(rest.subarray(0, size), this.#position))
          this.#position += size
          rest = rest.subarray(size)
          continue
        }
        this.#passing = size
      }
      const passed = rest.subarray(0, this.#passing)
      out.push(passed)
      this.#passing -= passed.length
      this.#position += passed.length
      rest = rest.subarray(passed.length)
    }
    this.#pending = rest
    return out
  }
}

/** Undefined until the head is there. */
function sizeOf(bytes: Buffer): number | undefined {
  if (bytes.length < boxHead) return undefined
  const size = bytes.readUInt32BE(0)
  if (size !== 1) return Math.max(size, boxHead)
  return bytes.length < longBoxHead ? undefined : Number(bytes.readBigUInt64BE(8))
}
