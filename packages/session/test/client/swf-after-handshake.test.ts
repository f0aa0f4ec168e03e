import {
  ChunkConnection,
  ClientHandshake,
  type HandshakeStep,
  isSwfVerifyResponse,
  MessageType,
  parseUserControl,
  type RtmpMessage,
  userControl,
} from '@rtmpipe/chunk-stream'
import { duplexPair } from '@rtmpipe/testing'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { RtmpClient } from '../../src/client/rtmp-client.ts'

it('a client that got its connection after the handshake proves its SWF file all the same', async () => {
  const swf = { hash: Buffer.alloc(32, 0xab), size: 1234 }
  const [near, far] = duplexPair()
  const server = new ChunkConnection(far, { role: 'server' })
  const messages = new ChunkConnection(near, { role: 'client', handshake: new ClientHandshake({ type: 'digest' }) })
  const handshakes = [server, messages].map(async side => (await once(side, 'handshake')) as [HandshakeStep])
  const [[{ swfVerificationKey: key }]] = (await Promise.all(handshakes)) as [[HandshakeStep], [HandshakeStep]]

  const answer = new Promise<Buffer>(resolve => {
    server.on('data', ({ messageTypeId, payload }: RtmpMessage) => {
      if (messageTypeId === MessageType.CommandAmf0) server.send(userControl({ type: 'SwfVerifyRequest', version: 0 }))
      const control = messageTypeId === MessageType.UserControl ? parseUserControl(payload) : undefined
      if (control?.type === 'SwfVerifyResponse') resolve(control.data)
    })
  })
  const connecting = new RtmpClient(messages).connect({ app: 'live', tcUrl: 'rtmp://host/live', swf })
  expect(isSwfVerifyResponse(await answer, key as Buffer, swf)).toBe(true)
  messages.destroy()
  await expect(connecting).rejects.toThrow('closed')
  server.destroy()
})
