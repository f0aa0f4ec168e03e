import { AmfError, type AmfValue, salvageAmf0, withoutFormatSelector } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Complain } from '../complain.ts'

/** The values of a command or data message up to what can not be read, which is complained of; undefined if that are less than two. */
export function amfValues({ messageTypeId, payload }: RtmpMessage, complain: Complain): AmfValue[] | undefined {
  const isAmf3 = messageTypeId === MessageType.CommandAmf3 || messageTypeId === MessageType.DataAmf3
  try {
    const { values, fault } = salvageAmf0(isAmf3 ? withoutFormatSelector(payload) : payload)
    if (fault === undefined) return values
    complainOf(fault, complain)
    return values.length < 2 ? undefined : values
  } catch (error) {
    if (!(error instanceof AmfError)) throw error
    complainOf(error, complain)
    return undefined
  }
}

function complainOf({ code, message }: AmfError, complain: Complain): void {
  complain(code, `unreadable AMF: ${message}`)
}
