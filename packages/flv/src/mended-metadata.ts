import { AmfError, Amf0Reader, EcmaArray, encodeAmf0, propertiesOf, salvageAmf0 } from '@rtmpipe/amf'
import { dataBody } from './data-body.ts'
import { startsWithMetadata } from './message-kind.ts'

/**
 * The body of an `onMetaData` message as every player can read it: its name comes first, an object or array without its
 * end gets one, and unreadable bytes at the end are cut off. What is right already, or can't be read at all, stays as it
 * is. Undefined for every other message.
 */
export function mendedMetadata(payload: Buffer): Buffer | undefined {
  const body = dataBody(payload)
  if (!startsWithMetadata(body)) return undefined
  let readable = 0
  try {
    const reader = new Amf0Reader(body)
    reader.read()
    while (!reader.done) {
      reader.read()
      readable = reader.position
    }
    return body
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
    return readable > 0 ? body.subarray(0, readable) : (completed(body) ?? body)
  }
}

/** Undefined where nothing of the object can be read, or where AMF0 can't carry it. */
function completed(body: Buffer): Buffer | undefined {
  try {
    const properties = propertiesOf(salvageAmf0(body, 2).values[1])
    if (properties === undefined || Object.keys(properties).length === 0) return undefined
    return Buffer.from(encodeAmf0('onMetaData', new EcmaArray(properties)))
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
    return undefined
  }
}
