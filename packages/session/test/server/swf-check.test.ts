import {
  ChunkConnection,
  ClientHandshake,
  type ClientHandshakeType,
  parseUserControl,
  type RtmpMessage,
  type SwfIdentity,
  swfVerifyResponse,
} from '@rtmpipe/chunk-stream'
import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import { ByteServer } from '../support/byte-server.ts'

const player: SwfIdentity = { hash: Buffer.alloc(32, 0xab), size: 1234 }
const another: SwfIdentity = { hash: Buffer.alloc(32, 0xcd), size: 1234 }
const target = { app: 'live', tcUrl: 'memory://server/live' }

afterEach(() => {
  vi.useRealTimers()
})

async function clientOf(server: ByteServer, type: ClientHandshakeType): Promise<RtmpClient> {
  const handshake = new ClientHandshake({ type })
  return new RtmpClient(new ChunkConnection(await server.dial(), { role: 'client', handshake }))
}

/** Resolves with the type of the next SWF message that the server sends or receives. */
function swfEvent(messages: ChunkConnection | RtmpClient['messages']): Promise<string> {
  return new Promise(resolve =>
    messages.on('data', (message: RtmpMessage) => {
      const type = message.messageTypeId === 4 ? parseUserControl(message.payload)?.type : undefined
      if (type?.startsWith('Swf')) resolve(type)
    }),
  )
}

function refusals(server: ByteServer): unknown[] {
  return server.log.at('warn').map(({ code, message }) => [code, message])
}

describe('SWF verification', () => {
  it.each(['digest', 'rtmpe'] as const)(
    'lets a player in that has one of the SWFs, after a handshake by %s',
    async type => {
      await using server = await ByteServer.listening({ swf: [another, player] })
      const client = await clientOf(server, type)
      const asked = swfEvent(client.messages)
      await client.connect({ ...target, swf: player })
      expect(await asked).toBe('SwfVerifyRequest')
      // The answer to a call comes after what was sent before it has been looked at.
      await client.play('name')
      expect(client.state).toBe('connected')
      expect(refusals(server)).toEqual([])
    },
  )

  it.each([
    ['another SWF', { ...player, hash: Buffer.alloc(32, 1) }],
    ['another size', { ...player, size: 1235 }],
  ])('sends away who has %s', async (_name, swf) => {
    await using server = await ByteServer.listening({ swf: [player] })
    const client = await clientOf(server, 'digest')
    const closed = once(client.messages, 'close')
    // The connection may end before the client has heard that it stands.
    await client.connect({ ...target, swf }).catch(() => {})
    await closed
    expect(refusals(server)).toEqual([['RTMP_ERR_SWF_VERIFICATION', 'the SWF of the client is not known here']])
  })

  it('sends away who did a simple handshake', async () => {
    await using server = await ByteServer.listening({ swf: [player] })
    const client = await clientOf(server, 'simple')
    await expect(client.connect({ ...target, swf: player })).rejects.toThrow()
    expect(refusals(server)).toMatchObject([['RTMP_ERR_SWF_VERIFICATION', expect.stringContaining('digest')]])
  })

  it('sends away who does not answer in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using server = await ByteServer.listening({ swf: [player], limits: { connectTimeout: 300 } })
    const client = await clientOf(server, 'digest')
    const closed = once(client.messages, 'close')
    await client.connect(target)
    vi.advanceTimersByTime(299)
    expect(client.messages.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    await closed
    expect(refusals(server)).toEqual([['RTMP_ERR_SWF_VERIFICATION', 'the client did not tell its SWF in time']])
  })

  it('is asked of nobody by default', async () => {
    await using server = await ByteServer.listening()
    const client = await clientOf(server, 'digest')
    let asked = false
    void swfEvent(client.messages).then(() => {
      asked = true
    })
    await client.connect({ ...target, swf: player })
    await client.play('name')
    expect(asked).toBe(false)
  })

  it('listens to the first answer only, and to none before it has asked', async () => {
    await using server = await ByteServer.listening({ swf: [player] })
    const client = await clientOf(server, 'digest')
    const unasked = swfVerifyResponse(Buffer.alloc(32), another)
    client.messages.send(unasked)
    await client.connect({ ...target, swf: player })
    await client.play('name')
    client.messages.send(unasked)
    await client.play('again')
    expect(refusals(server)).toEqual([])
  })

  it('needs identities that can be', () => {
    const swf = [{ hash: Buffer.alloc(20), size: 1 }]
    expect(() => new ByteServer({ swf })).toThrow(expect.objectContaining({ code: 'RTMP_ERR_SWF_IDENTITY' }))
  })
})
