import { batchMemory } from './batch-memory.ts'
import { chunkStreamIdFor } from './chunk-stream-id.ts'
import { chunkedLength, writeChunks } from './chunk-writer.ts'
import { UsageError } from './errors.ts'
import { MessageType, type RtmpMessage } from './message.ts'
import { holdPayload } from './payload-holds.ts'

interface EncodedBatch {
  readonly chunkSize: number
  readonly messageStreamId: number
  readonly bytes: Buffer
}

/**
 * Messages of one stream that go to many players at once. They are encoded once per outgoing chunk size and message
 * stream id, with full headers only, so that the same bytes are right for every connection whatever it was sent before.
 */
export class MessageBatch {
  /** In the order in which they are sent. Good for who is given the batch, until it returns; see {@link MessageBatch.messages}. */
  readonly lentMessages: readonly RtmpMessage[]
  /** Payload bytes of all messages. */
  readonly byteLength: number
  /** Payload bytes of the longest message. */
  readonly maxMessageLength: number
  #areTaken = false
  #last: EncodedBatch | undefined
  /** True when somebody may read the bytes later. */
  #isKept = false
  /** In practice one or two: players share a chunk size, and their message stream id is mostly 1. */
  readonly #encoded: EncodedBatch[] = []

  /**
   * @throws UsageError `RTMP_ERR_BATCH_MESSAGE` for a Set Chunk Size or Abort, which concern one connection's framing
   */
  constructor(messages: readonly RtmpMessage[]) {
    this.lentMessages = messages
    let byteLength = 0
    let maxMessageLength = 0
    for (const { messageTypeId, payload } of messages) {
      if (messageTypeId === MessageType.SetChunkSize || messageTypeId === MessageType.Abort) {
        throw new UsageError('RTMP_ERR_BATCH_MESSAGE', `message type ${messageTypeId} can not be part of a batch`)
      }
      byteLength += payload.length
      maxMessageLength = Math.max(maxMessageLength, payload.length)
    }
    this.byteLength = byteLength
    this.maxMessageLength = maxMessageLength
  }

  /** In the order in which they are sent, to be kept as long as anybody likes. */
  get messages(): readonly RtmpMessage[] {
    if (!this.#areTaken) for (const { payload } of this.lentMessages) holdPayload(payload)
    this.#areTaken = true
    return this.lentMessages
  }

  /**
   * The chunks of all messages, addressed to `messageStreamId`. The buffer is shared: never write into it.
   *
   * @throws UsageError `RTMP_ERR_MESSAGE_TOO_LONG` above 16,777,215 bytes of payload in one message
   */
  encode(chunkSize: number, messageStreamId: number): Buffer {
    this.keep()
    return this.lend(chunkSize, messageStreamId)
  }

  /**
   * As {@link MessageBatch.encode}, for who has read the bytes before the batch is released, or else tells by
   * {@link MessageBatch.keep} that it has not.
   */
  lend(chunkSize: number, messageStreamId: number): Buffer {
    const last = this.#last
    if (last?.chunkSize === chunkSize && last.messageStreamId === messageStreamId) return last.bytes
    let found = this.#encoded.find(it => it.chunkSize === chunkSize && it.messageStreamId === messageStreamId)
    if (found === undefined) {
      found = { chunkSize, messageStreamId, bytes: encodeAll(this.lentMessages, chunkSize, messageStreamId) }
      this.#encoded.push(found)
    }
    this.#last = found
    return found.bytes
  }

  /** Somebody reads the bytes later, so that their memory can't be used again. */
  keep(): void {
    this.#isKept = true
  }

  /** All who were to have the batch have it: unless somebody keeps the bytes, the next batch takes their memory. */
  release(): void {
    this.#last = undefined
    for (let encoded = this.#encoded.pop(); encoded !== undefined; encoded = this.#encoded.pop()) {
      if (!this.#isKept) batchMemory.giveBack(encoded.bytes)
    }
  }
}

function encodeAll(messages: readonly RtmpMessage[], chunkSize: number, messageStreamId: number): Buffer {
  let length = 0
  for (const message of messages) length += chunkedLength(message, 0, chunkSize)
  const bytes = batchMemory.take(length)
  let offset = 0
  for (const message of messages) {
    const chunkStreamId = chunkStreamIdFor(message.messageTypeId, messageStreamId)
    offset = writeChunks(bytes, offset, message, messageStreamId, chunkStreamId, 0, 0, chunkSize)
  }
  return bytes
}
