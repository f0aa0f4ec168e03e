import { ByteReader } from './byte-reader.ts'
import { written } from './byte-writer.ts'
import { vluLength } from './vlu.ts'
import { WireError } from './wire-error.ts'

/** A type and its value (RFC 7016 §2.1.3). */
export interface Option {
  readonly type: number
  /** Not copied. */
  readonly value: Buffer
}

/** An option's bytes: a length that covers type and value, the type, the value. */
export function encodeOption(type: number, value: Uint8Array = Buffer.alloc(0)): Buffer {
  const length = vluLength(type) + value.length
  return written(vluLength(length) + length, writer => writer.vlu(length).vlu(type).put(value))
}

/** What ends a list of options (§2.1.4). */
export const MARKER: Buffer = Buffer.of(0)

/** The next option; undefined for a marker. @throws WireError for one that does not fit */
export function readOption(reader: ByteReader): Option | undefined {
  const length = reader.vlu()
  if (length === 0) return undefined
  const inner = new ByteReader(reader.take(length))
  return { type: inner.vlu(), value: inner.rest() }
}

/** All options of bytes that hold nothing else; a marker is left out. @throws WireError */
export function readOptions(bytes: Buffer, most: number): Option[] {
  const reader = new ByteReader(bytes)
  const options: Option[] = []
  while (reader.left > 0) {
    const option = readOption(reader)
    if (option === undefined) continue
    if (options.length >= most) throw new WireError(`more than ${most} options`)
    options.push(option)
  }
  return options
}
