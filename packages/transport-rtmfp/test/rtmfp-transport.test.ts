import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { messageTransportCompliance, type MessageTransportSubject } from '@rtmpipe/testing'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { parseDiscriminator } from '../src/crypto/endpoint-discriminator.ts'
import { rtmfp, type RtmfpOptions } from '../src/index.ts'
import { ByteReader } from '../src/wire/byte-reader.ts'
import { readInitiatorHello } from '../src/wire/startup-chunks.ts'
import { startupPacketOf } from './support/startup-peer.ts'

const subject = (host: string): MessageTransportSubject => ({
  // Over UDP nobody says that a port is closed.
  transport: rtmfp({ host, port: 0, connectTimeout: 1_000 }),
  dialUrl: ({ address: { port } }) => new URL(`rtmfp://${host.includes(':') ? `[${host}]` : host}:${port}/live`),
})

describe.each(['127.0.0.1', '::1'])('at %s', host => {
  it.each(messageTransportCompliance)('$name', ({ run }) => run(() => subject(host)))
})

it('tells who is there, on both sides', async () => {
  const transport = rtmfp({ port: 0 })
  const accepted: string[] = []
  const listener = await transport.listen(({ peerId, nearId, messages }) => {
    accepted.push(nearId, peerId)
    messages.resume()
  })
  const url = new URL(`rtmfp://127.0.0.1:${listener.address.port}/live`)
  const { peerId, nearId, messages } = await transport.dial(url)
  await expect.poll(() => accepted).toEqual([peerId, nearId])
  for (const id of accepted) expect(id).toMatch(/^[0-9a-f]{64}$/)
  messages.destroy()
  await listener.close()
})

it('opens only sessions that are protected where it is told to, and says what they keep', async () => {
  const transport = rtmfp({ port: 0, requireHmac: true })
  const arrived: RtmpMessage[] = []
  const listener = await transport.listen(({ messages }) => void messages.on('data', message => arrived.push(message)))
  const { messages } = await transport.dial(new URL(`rtmfp://127.0.0.1:${listener.address.port}/live`))
  messages.write({ messageTypeId: 20, messageStreamId: 0, timestamp: 0, payload: Buffer.from('connect') })
  await expect.poll(() => arrived.map(({ payload }) => payload.toString())).toEqual(['connect'])
  expect(listener.usage).toMatchObject({ sessions: 1, lingering: 0, flows: 1, receivedBytes: 0 })
  messages.destroy()
  await listener.close()
  expect(listener.usage.sessions).toBe(0)
})

it('gives up where nobody answers', async () => {
  const url = new URL('rtmfp://127.0.0.1:9/live')
  await expect(rtmfp({ connectTimeout: 50 }).dial(url)).rejects.toMatchObject({
    code: 'ETIMEDOUT',
    message: 'connect ETIMEDOUT 127.0.0.1:9: no answer over UDP within 50 ms',
  })
  const reason = new Error('enough')
  await expect(rtmfp().dial(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

it.each(['rtmp://127.0.0.1/live', 'rtmfp:///live'])('does not dial %s', async url => {
  await expect(rtmfp().dial(new URL(url))).rejects.toMatchObject({ code: 'RTMP_ERR_TRANSPORT_URL' })
})

it.each<[RtmfpOptions, string]>([
  [{ port: 65_536 }, 'rtmfp: port should be a number from 0 to 65535, and is 65536'],
  [{ port: -1 }, 'rtmfp: port should be a number from 0 to 65535, and is -1'],
  [{ port: 'x' as unknown as number }, 'rtmfp: port should be a number from 0 to 65535, and is x'],
  [{ groups: [] }, 'rtmfp: groups should be one or more of 2, 5, 14, 16, and is []'],
  [{ groups: [14, 7 as 2] }, 'rtmfp: groups should be one or more of 2, 5, 14, 16, and is [14,7]'],
])('refuses options that can not be: %j', (options, message) => {
  expect(() => rtmfp(options)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE', message }))
})

it('says nothing of a URL in its first datagram, which everybody can read, but where it is', async () => {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  const giveUp = new AbortController()
  const dialling = rtmfp().dial(
    new URL(`rtmfp://user:password@127.0.0.1:${port}/live/instance?token=secret#hash`),
    giveUp,
  )
  const refused = expect(dialling).rejects.toThrow('enough')
  const [datagram] = (await once(socket, 'message')) as [Buffer]
  giveUp.abort(new Error('enough'))
  await refused
  socket.close()
  const { endpointDiscriminator } = readInitiatorHello(new ByteReader(startupPacketOf(datagram)?.payload as Buffer))
  expect(parseDiscriminator(endpointDiscriminator).ancillaryData?.toString()).toBe(
    `rtmfp://127.0.0.1:${port}/live/instance`,
  )
})
