import type { ByteReader } from '../byte-reader.ts'
import type { ByteWriter } from '../byte-writer.ts'
import { Amf3Marker } from './marker.ts'

/** The numbers of a vector, by kind. */
export type Numbers = Int32Array | Uint32Array | Float64Array

/** Whether it is what a vector's numbers are kept in. */
export function isNumbers(value: object): value is Numbers {
  return value instanceof Int32Array || value instanceof Uint32Array || value instanceof Float64Array
}

export function vectorMarkerOf(numbers: Numbers): number {
  if (numbers instanceof Int32Array) return Amf3Marker.VectorInt
  return numbers instanceof Uint32Array ? Amf3Marker.VectorUint : Amf3Marker.VectorDouble
}

/** The caller has checked that the bytes are there. */
export function readNumbers(marker: number, bytes: ByteReader, length: number): Numbers {
  if (marker === Amf3Marker.VectorInt) {
    const ints = new Int32Array(length)
    for (let index = 0; index < length; index++) ints[index] = bytes.int32()
    return ints
  }
  if (marker === Amf3Marker.VectorUint) {
    const uints = new Uint32Array(length)
    for (let index = 0; index < length; index++) uints[index] = bytes.uint32()
    return uints
  }
  const doubles = new Float64Array(length)
  for (let index = 0; index < length; index++) doubles[index] = bytes.double()
  return doubles
}

export function writeNumbers(numbers: Numbers, bytes: ByteWriter): void {
  if (numbers instanceof Int32Array) for (const int of numbers) bytes.int32(int)
  else if (numbers instanceof Uint32Array) for (const uint of numbers) bytes.uint32(uint)
  else for (const double of numbers) bytes.double(double)
}
