import { MessageType } from '@rtmpipe/chunk-stream'
import { malformed } from './body-reader.ts'
import { parseSharedObject } from './parse-shared-object.ts'
import type { SharedObjectMessage } from '../protocol/shared-object-event.ts'

/** Reads what a store has returned. @throws ProtocolError, LimitError when it is not the state of that object */
export function parseStored(bytes: Uint8Array, name: string): SharedObjectMessage {
  const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stored = parseSharedObject({ messageTypeId: MessageType.SharedObjectAmf0, payload })
  // Every state begins with Clear, so that a file that was cut after its header does not count as an empty object.
  if (stored.name !== name || stored.events[0]?.type !== 'Clear') throw malformed('it is not the state of this object')
  return stored
}
