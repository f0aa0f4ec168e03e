import { LimitError, ProtocolError, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { parseSharedObject, type SharedObjectEvent } from '@rtmpipe/session'
import type { Complain } from '../complain.ts'
import type { Names } from '../names.ts'
import { type PlainValue, plainValues } from '../plain-value.ts'
import { type Body, unreadable } from './body.ts'

/** A shared object message (RTMP 1.0 §7.1.3). */
export function readSharedObject(message: RtmpMessage, names: Names, complain: Complain): Body {
  try {
    const { name, version, persistent, events } = parseSharedObject(message)
    return { name: names.text(name), version, persistent, events: events.map(event => plainEvent(event, names)) }
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof LimitError)) throw error
    complain(error.code, error.message)
    return unreadable
  }
}

function plainEvent(event: SharedObjectEvent, names: Names): PlainValue {
  const text = (value: string) => names.text(value)
  if (event.type === 'Unknown') return { type: `Event${event.eventType}`, length: event.data.length }
  if (event.type === 'Change') {
    return {
      type: event.type,
      properties: plainValues(
        event.properties.map(property => [...property]),
        text,
        text,
      ),
    }
  }
  const { type, ...fields } = event
  return {
    type,
    ...Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, ...plainValues([value], text, text)])),
  }
}
