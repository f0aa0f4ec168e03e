import { AmfError, type AmfObject, propertiesOf, salvageAmf0 } from '@rtmpipe/amf'
import { dataBody } from './data-body.ts'

/**
 * The properties an `onMetaData` message carries, whatever stands before the name that means nothing there. Of an object or array
 * without its end, those that can be read. Undefined for every other message, and for one that crosses the default
 * limits of `@rtmpipe/amf` or of which nothing can be read. Keys and values are a stranger's.
 */
export function metadataOf(payload: Buffer): AmfObject | undefined {
  try {
    const { values, fault } = salvageAmf0(dataBody(payload), 2)
    const properties = values[0] === 'onMetaData' ? propertiesOf(values[1]) : undefined
    const isNothing = fault !== undefined && Object.keys(properties ?? {}).length === 0
    return isNothing ? undefined : properties
  } catch (error) {
    if (error instanceof AmfError) return undefined
    throw error
  }
}
