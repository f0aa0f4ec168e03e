import { MessageType, type RtmpMessage } from './message.ts'

/** How a Set Peer Bandwidth counts (RTMP 1.0 §5.4.5). */
export const BandwidthLimitType = { Hard: 0, Soft: 1, Dynamic: 2 } as const

/** Hard: use it. Soft: use it if it is smaller. Dynamic: hard if the last was hard, else ignore it. */
export type BandwidthLimitType = (typeof BandwidthLimitType)[keyof typeof BandwidthLimitType]

/** The body of a Set Peer Bandwidth. */
export interface PeerBandwidth {
  /** Window in bytes. */
  readonly size: number
  /** How the window relates to an earlier one. */
  readonly limitType: BandwidthLimitType
}

/** Set Chunk Size (RTMP 1.0 §5.4.1): bytes of payload per chunk from here on, 1..0x7fffffff. */
export function setChunkSize(size: number): RtmpMessage {
  return uint32Message(MessageType.SetChunkSize, size)
}

/** Abort (RTMP 1.0 §5.4.2): the message in progress on that chunk stream will not be completed. */
export function abortMessage(chunkStreamId: number): RtmpMessage {
  return uint32Message(MessageType.Abort, chunkStreamId)
}

/** Acknowledgement (RTMP 1.0 §5.4.3): bytes received so far; sent modulo 2^32. */
export function acknowledgement(bytesReceived: number): RtmpMessage {
  return uint32Message(MessageType.Acknowledgement, bytesReceived)
}

/**
 * Window Acknowledgement Size (RTMP 1.0 §5.4.4): the peer is to acknowledge each time it has received that many bytes.
 */
export function windowAcknowledgementSize(size: number): RtmpMessage {
  return uint32Message(MessageType.WindowAcknowledgementSize, size)
}

/** Set Peer Bandwidth (RTMP 1.0 §5.4.5): limits what the peer may send unacknowledged. */
export function setPeerBandwidth(size: number, limitType: BandwidthLimitType): RtmpMessage {
  const payload = Buffer.allocUnsafe(5)
  payload.writeUInt32BE(size >>> 0, 0)
  payload[4] = limitType
  return controlMessage(MessageType.SetPeerBandwidth, payload)
}

/** The chunk size of a Set Chunk Size body, in whatever range; undefined if the body is too short. */
export function parseSetChunkSize(payload: Buffer): number | undefined {
  return readUint32(payload)
}

/** The chunk stream id of an Abort body; undefined if it is too short. */
export function parseAbort(payload: Buffer): number | undefined {
  return readUint32(payload)
}

/** The byte count of an Acknowledgement body; undefined if it is too short. Peers differ in where they count from. */
export function parseAcknowledgement(payload: Buffer): number | undefined {
  return readUint32(payload)
}

/** The window of a Window Acknowledgement Size body, possibly 0; undefined if it is too short. */
export function parseWindowAcknowledgementSize(payload: Buffer): number | undefined {
  return readUint32(payload)
}

/** A Set Peer Bandwidth body; undefined if it is too short or its limit type unknown. */
export function parseSetPeerBandwidth(payload: Buffer): PeerBandwidth | undefined {
  const size = readUint32(payload)
  const limitType = payload[4]
  if (size === undefined || (limitType !== 0 && limitType !== 1 && limitType !== 2)) return undefined
  return { size, limitType }
}

function uint32Message(messageTypeId: number, value: number): RtmpMessage {
  const payload = Buffer.allocUnsafe(4)
  payload.writeUInt32BE(value >>> 0, 0)
  return controlMessage(messageTypeId, payload)
}

function controlMessage(messageTypeId: number, payload: Buffer): RtmpMessage {
  return { messageTypeId, messageStreamId: 0, timestamp: 0, payload }
}

function readUint32(payload: Buffer): number | undefined {
  return payload.length < 4 ? undefined : payload.readUInt32BE(0)
}
