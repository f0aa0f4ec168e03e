import type { PlainValue } from '../plain-value.ts'
import { printable } from '../printable.ts'
import type { GapRecord, PacketRecord, RtmfpChunkRecord } from '../record.ts'
import { valueText } from '../value-text.ts'

/** A packet in words. */
export function packetLine(record: PacketRecord): string {
  const { length, sessionId, address, opened, mode, number, copy, timestamp, timestampEcho } = record
  const words = [
    `packet  ${length} bytes`,
    ...(sessionId === null ? [] : [`session ${sessionId}`]),
    opened ? `${mode}` : 'not opened',
    ...(address === undefined ? [] : [`from ${address}`]),
    ...(number === undefined ? [] : [`number ${number}`]),
    ...(copy === true ? ['a copy'] : []),
    ...(timestamp === undefined ? [] : [`timestamp ${timestamp}`]),
    ...(timestampEcho === undefined ? [] : [`echo ${timestampEcho}`]),
    ...(record.timeCritical === true ? ['time critical'] : []),
    ...(record.timeCriticalReverse === true ? ['time critical reverse'] : []),
  ]
  return words.join(', ')
}

/** A chunk in words. */
export function chunkLine({ type, length, body }: RtmfpChunkRecord): string {
  return `chunk  ${type}  ${length} bytes  ${fields(body)}`.trimEnd()
}

/** What is missing, in words. */
export function gapLine({ flowId, messageStreamId }: GapRecord): string {
  return `gap  flow ${flowId}  stream ${messageStreamId}  messages were given up, or are not in the capture`
}

/** What is false or empty is left out. */
function fields(body: RtmfpChunkRecord['body']): string {
  return Object.entries(body)
    .filter(([, value]) => value !== false && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => (value === true ? name : `${name} ${text(value)}`))
    .join(', ')
}

/** Words of our own need no quotes. */
function text(value: PlainValue): string {
  return typeof value === 'string' ? printable(value) : valueText(value)
}
