import { ByteReader } from '../wire/byte-reader.ts'
import { written } from '../wire/byte-writer.ts'
import { WireError } from '../wire/wire-error.ts'

/** What a flow of RTMP messages is for (RFC 7425 §5.1.1). */
export interface FlowMetadata {
  /** The message stream of all its messages; 0 is the NetConnection. */
  readonly streamId: number
  /** Its sender would have messages given out as they arrive, not in the order in which they were sent. */
  readonly isUnordered: boolean
}

const SIGNATURE = 0x5443
const HAS_STREAM_ID = 0x04
const IN_ORDER_OF_ARRIVAL = 0x01
const MOST_STREAM_ID = 0xff_ffff

/** The metadata of a flow whose messages are to be given out in order. */
export function flowMetadata({ streamId, isUnordered }: FlowMetadata): Buffer {
  return written(8, out => {
    out
      .u16(SIGNATURE)
      .u8(HAS_STREAM_ID | (isUnordered ? IN_ORDER_OF_ARRIVAL : 0))
      .vlu(streamId)
  })
}

/** Undefined for a flow of anything else, such as those of groups. */
export function readFlowMetadata(bytes: Buffer): FlowMetadata | undefined {
  try {
    const reader = new ByteReader(bytes)
    if (reader.u16() !== SIGNATURE) return undefined
    const flags = reader.u8()
    if ((flags & HAS_STREAM_ID) === 0) return undefined
    const streamId = reader.vlu()
    if (streamId > MOST_STREAM_ID) return undefined
    return { streamId, isUnordered: (flags & IN_ORDER_OF_ARRIVAL) !== 0 }
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}
