import { startsWithMetadata } from './message-kind.ts'

// AMF0 strings: marker 2, length, characters.
const setDataFrame = Buffer.from('\x02\x00\x0d@setDataFrame', 'latin1')
const formatByte = 0
const stringMarker = 0x02
const avmPlusMarker = 0x11
/** Bytes of values without content of their own, by marker: number, boolean, null, undefined. */
const scalarLengths: ReadonlyMap<number | undefined, number> = new Map([
  [0x00, 9],
  [0x01, 2],
  [0x05, 1],
  [0x06, 1],
])
/** More than any publisher puts ahead of a name. */
const maxValuesAhead = 16

/**
 * The body of a data message as a file or a player wants it: without the format byte of AMF3 data messages (RTMP 1.0
 * §7.1.2) and without the `@setDataFrame` that publishers put first to ask the server to keep what follows. Of
 * `onMetaData`, which some cameras send behind numbers, null, text or a second `@setDataFrame`, all of that is taken off.
 */
export function dataBody(payload: Buffer): Buffer {
  const metadata = metadataIn(payload) ?? (payload[0] === formatByte ? metadataIn(payload.subarray(1)) : undefined)
  if (metadata !== undefined) return metadata
  // What has no name in front would be a number with the marker 0.
  const isFormatted = payload[0] === formatByte && (payload[1] === stringMarker || payload[1] === avmPlusMarker)
  const values = isFormatted ? payload.subarray(1) : payload
  return startsWithSetDataFrame(values, 0) ? values.subarray(setDataFrame.length) : values
}

/**
 * What begins with `onMetaData`, behind values that say nothing there. Another string is the name of the message, unless
 * `@setDataFrame` follows.
 */
function metadataIn(values: Buffer): Buffer | undefined {
  let offset = 0
  let isNamed = false
  for (let ahead = 0; ahead <= maxValuesAhead; ahead++) {
    if (!isNamed && startsWithMetadata(values, offset)) return values.subarray(offset)
    const isSet = startsWithSetDataFrame(values, offset)
    const length = isSet ? setDataFrame.length : lengthOf(values, offset)
    if (length === undefined) return undefined
    isNamed = !isSet && (isNamed || values[offset] === stringMarker)
    offset += length
  }
  return undefined
}

/** Bytes of a value of a simple type. */
function lengthOf(values: Buffer, offset: number): number | undefined {
  if (values[offset] !== stringMarker) return scalarLengths.get(values[offset])
  return offset + 3 <= values.length ? 3 + values.readUInt16BE(offset + 1) : undefined
}

function startsWithSetDataFrame(values: Buffer, offset: number): boolean {
  return setDataFrame.equals(values.subarray(offset, offset + setDataFrame.length))
}
