import { describe, expect, it } from 'vitest'
import { keyFirst } from '../../src/handshake/digest-layout.ts'
import { keyLength } from '../../src/handshake/key-exchange.ts'
import { streamCiphers } from '../../src/handshake/stream-ciphers.ts'
import { demux } from '../support/demux.ts'
import { rtmpe, rtmpeSecret } from '../support/handshakes.ts'
import { bytes } from '../support/hex.ts'

function publicKey(packet: Buffer): Buffer {
  const at = keyFirst.keyOffset(packet)
  return packet.subarray(at, at + keyLength)
}

const clientKey = publicKey(rtmpe.c1)
const serverKey = publicKey(rtmpe.s1)

/** Names of the commands in a chunk stream: their first string. */
function commands(chunks: Buffer): string[] {
  const { messages } = demux([chunks])
  const found = messages.filter(({ messageTypeId }) => messageTypeId === 20)
  return found.map(({ payload }) => payload.toString('latin1', 3, 3 + payload.readUInt16BE(1)))
}

describe('streamCiphers', () => {
  it('decrypt what rtmpdump and rtmpsrv said to each other', () => {
    const server = streamCiphers(rtmpeSecret, serverKey, clientKey)
    const client = streamCiphers(rtmpeSecret, clientKey, serverKey)
    expect(commands(server.incoming.apply(rtmpe.afterC2))).toContain('connect')
    expect(commands(client.incoming.apply(rtmpe.afterS2))).toContain('_result')
  })

  it('are two, each the other side of the peer’s', () => {
    const server = streamCiphers(rtmpeSecret, serverKey, clientKey)
    const client = streamCiphers(rtmpeSecret, clientKey, serverKey)
    const up = client.outgoing.apply(bytes(100, 1))
    const down = server.outgoing.apply(bytes(100, 1))
    expect(up).not.toEqual(down)
    expect(server.incoming.apply(up)).toEqual(bytes(100, 1))
    expect(client.incoming.apply(down)).toEqual(bytes(100, 1))
  })
})
