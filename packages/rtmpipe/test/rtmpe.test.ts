import { once } from 'node:events'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { sampleStream, take } from '@rtmpipe/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connect, type ConnectionInfo, type ConnectOptions } from '../src/index.ts'
import { AllSchemes } from './support/all-schemes.ts'
import { essence } from './support/messages.ts'

const accepted: ConnectionInfo[] = []
const onConnect = ({ connection }: { connection: ConnectionInfo }) => void accepted.push(connection)

let server: AllSchemes
beforeAll(async () => {
  server = await AllSchemes.listen({ plugins: [{ name: 'watch', onConnect }] })
})
afterAll(() => server[Symbol.asyncDispose]())
afterEach(() => {
  accepted.length = 0
})

const swf = { hash: Buffer.alloc(32, 0xab), size: 1234 }

function urlOf(scheme: Scheme, from: AllSchemes = server): string {
  const carrier = scheme.startsWith('rtmpt') ? 'rtmpt' : 'rtmp'
  return from.urls[carrier].replace(carrier, scheme)
}

const schemes = ['rtmpe', 'rtmpte'] as const
type Scheme = (typeof schemes)[number] | 'rtmp' | 'rtmpt'

const ways: readonly [from: Scheme, to: Scheme, options: ConnectOptions][] = [
  ['rtmpe', 'rtmpe', {}],
  ['rtmpte', 'rtmpte', {}],
  ['rtmpe', 'rtmpte', {}],
  ['rtmpte', 'rtmp', {}],
  ['rtmp', 'rtmpe', { handshake: 'digest' }],
  ['rtmp', 'rtmp', { handshake: 'digest' }],
  ['rtmpt', 'rtmpt', { handshake: 'digest' }],
  ['rtmp', 'rtmp', { swf }],
]

describe('our client and our server', () => {
  it.each(ways)('carry a stream from %s to %s with %j', async (from, to, options) => {
    await using publishing = await connect(urlOf(from), options)
    await using playing = await connect(urlOf(to), options)
    const player = await playing.play('encrypted')
    const publisher = await publishing.publish('encrypted')
    const sent = sampleStream(25, 10)
    for (const message of sent) publisher.write(message)
    expect(essence(await take(player, sent.length))).toEqual(essence(sent))
  })

  it.each(schemes)('do not call %s secure', async scheme => {
    await using _client = await connect(urlOf(scheme))
    expect(accepted).toMatchObject([
      { secure: false, transport: scheme.slice(0, -1), app: 'live', tcUrl: urlOf(scheme) },
    ])
  })

  it('answer one another about the SWF', async () => {
    await using asking = await AllSchemes.listen({ swf: [swf] })
    await using known = await connect(urlOf('rtmpe', asking), { swf })
    await known.play('name')
    await using plain = await connect(urlOf('rtmp', asking), { swf })
    await plain.play('name')
    await expect(connect(urlOf('rtmp', asking))).rejects.toThrow()
  })

  it.each(schemes)('do without %s if the server was told so', async scheme => {
    await using without = await AllSchemes.listen({ rtmpe: false })
    await expect(connect(urlOf(scheme, without))).rejects.toMatchObject({ code: 'RTMP_ERR_HANDSHAKE_TRUNCATED' })
    await using _client = await connect(urlOf('rtmp', without), { handshake: 'digest' })
  })

  it('refuse an impossible SWF before they dial', async () => {
    const impossible = { hash: Buffer.alloc(3), size: 1 }
    const refused = { code: 'RTMP_ERR_SWF_IDENTITY' }
    await expect(connect('rtmp://127.0.0.1:1/live', { swf: impossible })).rejects.toMatchObject(refused)
  })
})

describe('a server that answers without encryption', () => {
  let plain: TcpServer
  beforeAll(async () => {
    plain = createTcpServer(socket => {
      socket.on('error', () => {})
      socket.once('data', () => socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(3072)])))
    })
    plain.listen(0, '127.0.0.1')
    await once(plain, 'listening')
  })
  afterAll(() => void plain.close())

  it('is refused by who asked for rtmpe', async () => {
    const { port } = plain.address() as AddressInfo
    const refused = { name: 'ProtocolError', code: 'RTMP_ERR_HANDSHAKE_NOT_ENCRYPTED' }
    await expect(connect(`rtmpe://127.0.0.1:${port}/live`)).rejects.toMatchObject(refused)
  })
})
