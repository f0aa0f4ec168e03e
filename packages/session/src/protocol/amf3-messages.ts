import {
  AmfError,
  type AmfValue,
  AvmPlus,
  decodeAmf3Body,
  EcmaArray,
  encodeAmf0,
  propertiesOf,
  Unsupported,
} from '@rtmpipe/amf'
import { type MessageBatch, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageOutput } from '../contract/message-output.ts'

/** What `connect` agrees on: how commands and data are written (RTMP 1.0 §7.2.1.1). */
export type ObjectEncoding = 0 | 3

/** Stands before the values of types 15 and 17; it says nothing (protocol.md §4). */
const formatSelector = Buffer.of(0)

/** Commands and data as a peer of `objectEncoding` 3 gets them: types 17 and 15. All other messages stay as they are. */
export function asAmf3(message: RtmpMessage): RtmpMessage {
  const messageTypeId = amf3Type(message.messageTypeId)
  if (messageTypeId === undefined) return message
  return { ...message, messageTypeId, payload: Buffer.concat([formatSelector, message.payload]) }
}

/** A value as such a peer gets it: objects and what only AMF3 can carry are switched to AMF3. */
export function asAmf3Value(value: AmfValue): AmfValue {
  const isPlain = typeof value !== 'object' || value === null
  return isPlain || value instanceof AvmPlus || value instanceof Unsupported ? value : new AvmPlus(value)
}

/** A data message as everybody understands it: type 15 becomes type 18. Undefined for what AMF0 can't say. */
export function asAmf0Data(message: RtmpMessage): RtmpMessage | undefined {
  if (message.messageTypeId !== MessageType.DataAmf3) return message
  try {
    const values = decodeAmf3Body(message.payload).map(asMetadata)
    return { ...message, messageTypeId: MessageType.DataAmf0, payload: encodeAmf0(...values) }
  } catch (error) {
    if (error instanceof AmfError) return undefined
    throw error
  }
}

/** Everything that is sent, in the form of {@link asAmf3}. Batches without data are shared with all others. */
export class Amf3Output implements MessageOutput {
  readonly #output: MessageOutput

  constructor(output: MessageOutput) {
    this.#output = output
  }

  get queuedBytes(): number {
    return this.#output.queuedBytes
  }

  get interleaves(): boolean {
    return this.#output.interleaves === true
  }

  get writable(): boolean {
    return this.#output.writable
  }

  send(message: RtmpMessage): void {
    this.#output.send(asAmf3(message))
  }

  sendBatch(batch: MessageBatch, messageStreamId: number): void {
    if (batch.messages.every(({ messageTypeId }) => amf3Type(messageTypeId) === undefined)) {
      this.#output.sendBatch(batch, messageStreamId)
    } else for (const message of batch.messages) this.send({ ...message, messageStreamId })
  }

  write(message: RtmpMessage, taken: (error?: Error | null) => void): boolean {
    return this.#output.write(asAmf3(message), taken)
  }
}

function amf3Type(messageTypeId: number): number | undefined {
  if (messageTypeId === MessageType.CommandAmf0) return MessageType.CommandAmf3
  return messageTypeId === MessageType.DataAmf0 ? MessageType.DataAmf3 : undefined
}

/** Objects of metadata are ECMA arrays: players look for them alone (protocol.md §6.6). */
function asMetadata(value: AmfValue, index: number, values: readonly AmfValue[]): AmfValue {
  const properties = values[index - 1] === 'onMetaData' ? propertiesOf(value) : undefined
  return properties === undefined ? value : new EcmaArray(properties)
}
