import { AmfError, type AmfValue, decodeAmf0, decodeAmf3Body } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Complain } from '../complain.ts'

/** The values of a command or data message; undefined if they can not be read, which is complained of. */
export function amfValues({ messageTypeId, payload }: RtmpMessage, complain: Complain): AmfValue[] | undefined {
  const isAmf3 = messageTypeId === MessageType.CommandAmf3 || messageTypeId === MessageType.DataAmf3
  try {
    return isAmf3 ? decodeAmf3Body(payload) : decodeAmf0(payload)
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
    complain(error.code, `unreadable AMF: ${error.message}`)
    return undefined
  }
}
