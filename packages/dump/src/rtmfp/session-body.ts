import {
  type Acknowledgement,
  type ByteReader,
  ChunkType,
  FlowOption,
  Fragment,
  type Option,
  ByteReader as Reader,
  readAcknowledgementBitmap,
  readAcknowledgementRanges,
  readBufferProbe,
  readFlowException,
  readFlowMetadata,
  type UserData,
} from '@rtmpipe/transport-rtmfp/wire'
import type { Body } from '../body/body.ts'
import type { PlainValue } from '../plain-value.ts'

const fragments = new Map<number, string>(Object.entries(Fragment).map(([name, id]) => [id, name.toLowerCase()]))

/** What a chunk of a session says, user data aside (RFC 7016 §2.3.9 to §2.3.18). @throws WireError */
export function sessionBody(typeId: number, chunk: ByteReader): Body {
  switch (typeId) {
    case ChunkType.AcknowledgementRanges:
      return acknowledgement(readAcknowledgementRanges(chunk))
    case ChunkType.AcknowledgementBitmap:
      return acknowledgement(readAcknowledgementBitmap(chunk))
    case ChunkType.BufferProbe:
      return { flowId: readBufferProbe(chunk) }
    case ChunkType.FlowException: {
      const { flowId, code } = readFlowException(chunk)
      return { flowId, code }
    }
    default:
      return {}
  }
}

/** @param repeated whether this number of the flow had come before */
export function userDataBody(chunk: UserData, repeated: boolean): Body {
  const { flowId, sequence, forwardSequence, fragment, isAbandoned, isFinal, options, data } = chunk
  return {
    flowId,
    sequence,
    forwardSequence,
    fragment: fragments.get(fragment) ?? '',
    dataLength: data.length,
    abandoned: isAbandoned,
    final: isFinal,
    repeated,
    ...(options && { options: options.map(flowOption) }),
  }
}

function flowOption({ type, value }: Option): PlainValue {
  if (type === FlowOption.Metadata) {
    const metadata = readFlowMetadata(value)
    return { type: 'metadata', ...(metadata ?? { hex: value.toString('hex', 0, 512) }) }
  }
  if (type === FlowOption.ReturnAssociation) return { type: 'returnAssociation', flowId: new Reader(value).vlu() }
  return { type: `Option${type}`, length: value.length }
}

function acknowledgement({ flowId, bufferAvailable, cumulative, ranges }: Acknowledgement): Body {
  const missing = ranges.map(({ first }, index) => [(ranges[index - 1]?.last ?? cumulative) + 1, first - 1])
  return { flowId, bufferAvailable, cumulative, ranges: ranges.map(({ first, last }) => [first, last]), missing }
}
