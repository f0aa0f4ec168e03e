import { Amf0Reader, Amf0Writer, Amf3Reader, AmfError, type AmfValue, AvmPlus } from '@rtmpipe/amf'
import type { ObjectEncoding } from '../protocol/amf3-messages.ts'

// The one place where shared objects meet AMF.

/** The value at the beginning of the bytes, and how many it takes. @throws AmfError */
export function readValue(bytes: Uint8Array, encoding: ObjectEncoding = 0): { value: AmfValue; length: number } {
  const reader = readerOf(bytes, encoding)
  const value = reader.read()
  return { value, length: reader.position }
}

/** All values up to the end. @throws AmfError */
export function readValues(bytes: Uint8Array, encoding: ObjectEncoding): AmfValue[] {
  const reader = readerOf(bytes, encoding)
  const values: AmfValue[] = []
  while (!reader.done) values.push(reader.read())
  return values
}

/**
 * Encodes values as AMF0, which every peer reads; a value that only AMF3 can carry switches to it. References are
 * written out, so received values may become much longer when they are written again: hence the limit.
 *
 * @param byteLength bytes that may be written
 * @throws AmfError
 */
export function writeValues(values: readonly AmfValue[], byteLength: number = Infinity): Buffer {
  try {
    return write(values, byteLength)
  } catch (error) {
    if (!(error instanceof AmfError) || error.code !== 'RTMP_ERR_AMF_VALUE') throw error
    const [first, ...rest] = values
    if (rest.length === 0) return write([new AvmPlus(first)], byteLength)
    // Only values that need AMF3 switch to it.
    return write(
      values.map(value => (isAmf0(value, byteLength) ? value : new AvmPlus(value))),
      byteLength,
    )
  }
}

function write(values: readonly AmfValue[], byteLength: number): Buffer {
  const writer = new Amf0Writer(byteLength === Infinity ? undefined : { byteLength: Math.max(0, byteLength) })
  for (const value of values) writer.write(value)
  return writer.finish()
}

function isAmf0(value: AmfValue, byteLength: number): boolean {
  try {
    write([value], byteLength)
    return true
  } catch (error) {
    if (error instanceof AmfError && error.code === 'RTMP_ERR_AMF_VALUE') return false
    throw error
  }
}

function readerOf(bytes: Uint8Array, encoding: ObjectEncoding): Amf0Reader | Amf3Reader {
  return encoding === 3 ? new Amf3Reader(bytes) : new Amf0Reader(bytes)
}
