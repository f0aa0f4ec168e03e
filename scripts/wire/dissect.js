import { execFileSync } from 'node:child_process'

/**
 * @typedef {object} DissectedMessage
 * @property {'client' | 'server'} from
 * @property {number} typeId
 * @property {number} messageStreamId
 * @property {number} timestamp
 * @property {number} length
 * @property {string} [command] - name of a command or data message
 */

/**
 * Lists the RTMP messages of a capture file in the order in which they were complete, as tshark's dissector sees them.
 *
 * @param {string} file
 * @returns {DissectedMessage[]}
 */
export function dissect(file) {
  // The default of 32768 also makes tshark ignore a Set Chunk Size above that.
  const args = ['-r', file, '-o', 'rtmpt.max_packet_size:16777215', '-T', 'pdml']
  const pdml = execFileSync('tshark', args, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] }).toString()
  const previous = { client: new Map(), server: new Map() }
  return pdml.split('<packet>').flatMap(packet => {
    const from = field(packet, 'ip.src') === '10.0.0.1' ? 'client' : 'server'
    const protocols = packet.split('<proto name="rtmpt"').slice(1)
    return protocols
      .map(protocol => protocol.slice(0, protocol.indexOf('</proto>')))
      .filter(protocol => protocol.includes('rtmpt.header.format'))
      .map(protocol => message(from, protocol, previous[from]))
  })
}

function message(from, protocol, previous) {
  const chunkStreamId = field(protocol, 'rtmpt.header.csid')
  // What a header of format 1, 2 or 3 leaves out is as in the message before on the same chunk stream.
  const inherited = previous.get(chunkStreamId)
  const timestamp = fields(protocol, 'rtmpt.header.timestamp').at(-1)
  const extended = field(protocol, 'rtmpt.header.ets')
  const result = {
    from,
    typeId: Number(field(protocol, 'rtmpt.header.typeid') ?? inherited?.typeId),
    messageStreamId: Number(field(protocol, 'rtmpt.header.streamid') ?? inherited?.messageStreamId ?? 0),
    timestamp: Number(timestamp === '16777215' && extended !== undefined ? extended : timestamp),
    length: Number(field(protocol, 'rtmpt.header.bodysize') ?? inherited?.length),
  }
  previous.set(chunkStreamId, result)
  if (![15, 17, 18, 20].includes(result.typeId)) return result
  return { ...result, command: field(protocol, 'amf.string') }
}

function fields(text, name) {
  const pattern = new RegExp(`<field name="${name.replaceAll('.', '\\.')}"[^>]* show="([^"]*)"`, 'g')
  return [...text.matchAll(pattern)].map(match => match[1])
}

function field(text, name) {
  return fields(text, name)[0]
}
