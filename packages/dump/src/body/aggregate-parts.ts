import { LimitError, ProtocolError, type RtmpMessage, splitAggregate } from '@rtmpipe/chunk-stream'
import type { Complain } from '../complain.ts'

const headerLength = 11
const backPointerLength = 4

/** The messages in an aggregate (RTMP 1.0 §7.1.6); none if they can not be told apart, which is complained of. */
export function aggregateParts(message: RtmpMessage, complain: Complain): readonly RtmpMessage[] {
  try {
    const parts = splitAggregate(message)
    checkBackPointers(message.payload, parts, complain)
    return parts
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof LimitError)) throw error
    complain(error.code, error.message)
    return []
  }
}

/** Each is to have the length of the part before it; the last may be missing. */
function checkBackPointers(bytes: Buffer, parts: readonly RtmpMessage[], complain: Complain): void {
  let at = 0
  for (const { payload } of parts) {
    const length = headerLength + payload.length
    at += length
    const backPointer = at < bytes.length ? bytes.readUInt32BE(at) : length
    if (backPointer !== length)
      complain('aggregate-back-pointer', `back pointer ${backPointer} of a part of ${length} bytes`)
    at += backPointerLength
  }
}
