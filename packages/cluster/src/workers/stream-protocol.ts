import { MessageBatch, setChunkSize, userControl, type RtmpMessage } from '@rtmpipe/chunk-stream'

// How a stream goes from worker to worker: who connects sends the epoch of the publish, and gets one chunk stream of Set
// Chunk Size, the messages and an end mark. A chunk stream has no room for the discontinuity mark, so that is a User
// Control event before the message it belongs to.

/** Bytes of a request: an epoch, which is a safe integer. */
export const requestLength = 6

export function requestOf(epoch: number): Buffer {
  const bytes = Buffer.alloc(requestLength)
  bytes.writeUIntBE(epoch, 0, requestLength)
  return bytes
}

export function epochIn(request: Buffer): number {
  return request.readUIntBE(0, requestLength)
}

/** So large that no message is cut. */
export const streamChunkSize = 0xffffff

export const beginMark: RtmpMessage = setChunkSize(streamChunkSize)
export const discontinuityMark: RtmpMessage = userControl({ type: 'StreamDry', messageStreamId: 0 })
/** Without it the bytes have not ended with the publish. */
export const endMark: RtmpMessage = userControl({ type: 'StreamEof', messageStreamId: 0 })

export function encode(messages: readonly RtmpMessage[]): Buffer {
  return new MessageBatch(messages).encode(streamChunkSize, 1)
}
