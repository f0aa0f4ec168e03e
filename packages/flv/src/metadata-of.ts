import { AmfError, type AmfObject, Amf0Reader, propertiesOf } from '@rtmpipe/amf'
import { dataBody } from './data-body.ts'

/**
 * The properties an `onMetaData` message carries, whatever stands before that name. Undefined for every other message and
 * for one whose AMF is broken or crosses the default limits of `@rtmpipe/amf`. Keys and values are a stranger's.
 */
export function metadataOf(payload: Buffer): AmfObject | undefined {
  try {
    const reader = new Amf0Reader(dataBody(payload))
    return reader.read() === 'onMetaData' ? propertiesOf(reader.read()) : undefined
  } catch (error) {
    if (error instanceof AmfError) return undefined
    throw error
  }
}
