import { AmfError, splitSharedObjectBody } from '@rtmpipe/amf'
import { LimitError, MessageType, ProtocolError, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Complain } from '../complain.ts'
import type { Names } from '../names.ts'
import { type PlainValue, plainValues } from '../plain-value.ts'
import { type Body, unreadable } from './body.ts'
import { ByteCursor, malformed } from './byte-cursor.ts'
import { type EventFields, readEvents } from './shared-object-events.ts'

const persistentFlag = 2

/** A shared object message (RTMP 1.0 §7.1.3). */
export function readSharedObject(message: RtmpMessage, names: Names, complain: Complain): Body {
  try {
    const { bytes, encoding } = contentOf(message)
    const body = new ByteCursor(bytes)
    const name = body.text()
    const version = body.uint32()
    const persistent = (body.uint32() & persistentFlag) !== 0
    // Always zero.
    body.take(4)
    const events = readEvents(body, encoding)
    return { name: names.text(name), version, persistent, events: events.map(event => plainEvent(event, names)) }
  } catch (error) {
    const problem = error instanceof AmfError ? malformed(error.message) : error
    if (!(problem instanceof ProtocolError || problem instanceof LimitError)) throw error
    complain(problem.code, problem.message)
    return unreadable
  }
}

/** What stands behind the encoding of an AMF3 message. */
function contentOf({ messageTypeId, payload }: RtmpMessage): { bytes: Buffer; encoding: 0 | 3 } {
  if (messageTypeId !== MessageType.SharedObjectAmf3) return { bytes: payload, encoding: 0 }
  const { objectEncoding, bytes } = splitSharedObjectBody(payload)
  return { bytes: payload.subarray(payload.length - bytes.length), encoding: objectEncoding }
}

/** Names of fields are ours, and stay as they are. */
function plainEvent({ type, ...fields }: EventFields, names: Names): PlainValue {
  const text = (value: string) => names.text(value)
  const entries = Object.entries(fields).map(([key, value]) => [key, ...plainValues([value], text, text)] as const)
  return { type, ...Object.fromEntries(entries) }
}
