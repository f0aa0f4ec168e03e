import type { Body } from './body/body.ts'
import type { PlainValue } from './plain-value.ts'
import { printable } from './printable.ts'
import type { DumpRecord, EndRecord, MessageRecord, Sender } from './record.ts'
import { chunkLine, gapLine, packetLine } from './rtmfp/record-line.ts'
import { valuesText, valueText } from './value-text.ts'

/** Writes records as lines for people: offset, sender, what it is. Captured packets also have a time and a connection. */
export class RecordText {
  #captured = false

  /** Without the line end; undefined for a record that has nothing to say. */
  line(record: DumpRecord): string | undefined {
    switch (record.kind) {
      case 'connection':
        if (record.client === undefined) return undefined
        this.#captured = true
        return `${this.#time(record.capturedAt)}#${record.connection}  ${record.client} > ${record.server}${record.protocol === 'rtmfp' ? '  RTMFP' : ''}`
      case 'capture-end': {
        const inside = record.inside === 'packet' ? ', inside a packet' : ''
        return `${count(record.connections, 'RTMP connection')}; the capture ends at byte ${record.position}${inside}`
      }
      case 'complaint':
        if (record.connection === 0) return `! byte ${record.offset}: ${record.text} [${record.code}]`
        return this.#place(
          record,
          `! ${record.text}${record.fatal ? '; nothing more can be read' : ''} [${record.code}]`,
        )
      case 'handshake': {
        const { version, time, peerVersion, digest } = record
        const packets =
          record.from === 'client' ? 'C0 C1 C2' : record.from === 'server' ? 'S0 S1 S2' : 'C0 C1 C2 or S0 S1 S2'
        const kind = digest ? ', digest' : ''
        return this.#place(record, `${packets}  version ${version}, time ${time}, peer version ${peerVersion}${kind}`)
      }
      case 'chunk': {
        const { chunkStreamId, format, headerLength, messageOffset, payloadLength, messageLength } = record
        const extended = record.extendedTimestamp ? ', extended timestamp' : ''
        const part = `bytes ${messageOffset}-${messageOffset + payloadLength} of ${messageLength}`
        return this.#place(
          record,
          `chunk  csid ${chunkStreamId}  format ${format}, header ${headerLength}${extended}, ${part}`,
        )
      }
      case 'message':
        return this.#place(record, messageLine(record))
      case 'packet':
        return this.#place(record, packetLine(record))
      case 'rtmfp-chunk':
        return this.#place(record, chunkLine(record))
      case 'gap':
        return this.#place(record, gapLine(record))
      case 'end': {
        const inside = record.inside === null || record.inside === 'lost' ? '' : `, inside a ${record.inside}`
        return this.#place(record, `end  ${count(record.messages, 'message')}${inPackets(record)}${inside}`)
      }
    }
  }

  #time(capturedAt: number | undefined): string {
    return this.#captured ? `${(capturedAt?.toFixed(6) ?? '').padStart(11)}  ` : ''
  }

  #place(
    record: {
      readonly connection: number
      readonly from: Sender
      readonly offset: number
      readonly capturedAt?: number
    },
    text: string,
  ): string {
    const connection = this.#captured ? `#${record.connection} ` : ''
    const from = (record.from ?? '-').padEnd(6)
    return `${this.#time(record.capturedAt)}${connection}${from} ${String(record.offset).padStart(8)}  ${text}`
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function inPackets({ packets, unopened }: EndRecord): string {
  if (packets === undefined) return ''
  return ` in ${count(packets, 'packet')}${unopened === 0 ? '' : `, ${unopened} not opened`}`
}

function messageLine(record: MessageRecord): string {
  const { timestamp, chunkStreamId, flowId, messageStreamId, type, length, hex } = record
  const carrier = flowId === undefined ? `csid ${chunkStreamId}` : `flow ${flowId}`
  const head = `${String(timestamp).padStart(6)} ms  ${carrier}  stream ${messageStreamId}  ${type}  ${length} bytes`
  const body = bodyText(record)
  return [head, ...(body === '' ? [] : [body]), ...(hex === undefined || hex === '' ? [] : [hex])].join('  ')
}

function bodyText({ group, body }: MessageRecord): string {
  switch (group) {
    case 'command': {
      const { name, transactionId, values } = body
      if (typeof name !== 'string' || typeof transactionId !== 'number') return listText(values)
      return `${commandName(name)}(${transactionId}) ${listText(values)}`.trimEnd()
    }
    case 'data':
      return listText(body.values)
    case 'audio':
    case 'video':
      return mediaText(body)
    default:
      return fieldsText(body)
  }
}

function mediaText({ header, codec, frame, packet, compositionTime, ...rest }: Body): string {
  const kind = header === 'legacy' ? undefined : header
  const words = [kind, codec, frame, packet].filter(word => typeof word === 'string').map(printable)
  if (typeof compositionTime === 'number' && compositionTime !== 0) words.push(`composition time ${compositionTime}`)
  return [...words, fieldsText(rest)].join(' ').trimEnd()
}

function fieldsText(body: Body): string {
  return Object.entries(body)
    .map(([key, value]) => `${key} ${valueText(value)}`)
    .join(', ')
}

function listText(values: PlainValue | undefined): string {
  return Array.isArray(values) ? valuesText(values) : ''
}

function commandName(name: string): string {
  return printable(name.length > 64 ? `${name.slice(0, 63)}…` : name)
}
