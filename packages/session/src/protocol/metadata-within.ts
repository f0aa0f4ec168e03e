import { AmfError, type AmfValue, Amf0Reader, EcmaArray, encodeAmf0, propertiesOf } from '@rtmpipe/amf'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'

/** The message is there already, and has a limit of its own: what is in it needs none. */
const unlimited = { elements: Infinity, arrayLength: Infinity, stringLength: Infinity }
/** The name and an ECMA array of nothing. */
const emptyLength = encodeAmf0('onMetaData', new EcmaArray({})).length
/** Bytes of a key besides its characters. */
const keyHead = 2

/**
 * The `onMetaData` message in at most so many bytes. A longer one loses the index of the file that it comes from
 * (`keyframes`), which says nothing of a stream, and further properties that do not fit. Undefined if it can not be read.
 */
export function metadataWithin(message: RtmpMessage, maxLength: number): RtmpMessage | undefined {
  if (message.payload.length <= maxLength) return message
  try {
    const reader = new Amf0Reader(message.payload, unlimited)
    reader.read()
    const properties = propertiesOf(reader.read())
    if (properties === undefined) return undefined
    const kept: [string, AmfValue][] = []
    let length = emptyLength
    for (const [key, value] of Object.entries(properties)) {
      if (key === 'keyframes') continue
      const added = keyHead + Buffer.byteLength(key) + lengthOf(value)
      if (length + added > maxLength) continue
      length += added
      kept.push([key, value])
    }
    return { ...message, payload: encodeAmf0('onMetaData', new EcmaArray(Object.fromEntries(kept))) }
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
    return undefined
  }
}

/** In AMF0; infinite for what can't be written. */
function lengthOf(value: AmfValue): number {
  try {
    return encodeAmf0(value).length
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
    return Infinity
  }
}
