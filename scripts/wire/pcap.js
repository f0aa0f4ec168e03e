/**
 * Writes recorded segments as a capture file (raw IPv4, TCP), so that tshark can read them. Sequence numbers are right,
 * checksums are zero: tshark does not check them by default.
 *
 * @param {import('./recording-proxy.js').Segment[]} segments
 * @param {number} serverPort - tells tshark the protocol: 1935 or 80
 */
export function pcap(segments, serverPort) {
  const sent = { client: 1, server: 1 }
  const packets = segments
    .flatMap(({ from, bytes }) => cut(bytes, 32_768).map(part => ({ from, part })))
    .map(({ from, part }, index) => {
      const to = from === 'client' ? 'server' : 'client'
      const packet = segment(from, sent[from], sent[to], part, serverPort)
      sent[from] += part.length
      return record(packet, index)
    })
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b2c3d4, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(65_535, 16)
  header.writeUInt32LE(101, 20) // LINKTYPE_RAW
  return Buffer.concat([header, ...packets])
}

function cut(bytes, size) {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

function record(packet, milliseconds) {
  const header = Buffer.alloc(16)
  header.writeUInt32LE(Math.floor(milliseconds / 1000), 0)
  header.writeUInt32LE((milliseconds % 1000) * 1000, 4)
  header.writeUInt32LE(packet.length, 8)
  header.writeUInt32LE(packet.length, 12)
  return Buffer.concat([header, packet])
}

function segment(from, sequence, acknowledged, payload, serverPort) {
  const hosts = { client: [10, 0, 0, 1], server: [10, 0, 0, 2] }
  const ports = { client: 40_000, server: serverPort }
  const to = from === 'client' ? 'server' : 'client'
  const ip = Buffer.from([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0, ...hosts[from], ...hosts[to]])
  ip.writeUInt16BE(40 + payload.length, 2)
  const tcp = Buffer.alloc(20)
  tcp.writeUInt16BE(ports[from], 0)
  tcp.writeUInt16BE(ports[to], 2)
  tcp.writeUInt32BE(sequence, 4)
  tcp.writeUInt32BE(acknowledged, 8)
  tcp[12] = 0x50
  tcp[13] = 0x18 // ACK, PSH
  tcp.writeUInt16BE(65_535, 14)
  return Buffer.concat([ip, tcp, payload])
}
