import { once } from 'node:events'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect, createSelfSignedCertificate, createServer, onePort } from '../src/index.ts'
import { health, http } from '../src/http.ts'

const certificate = await createSelfSignedCertificate()

describe('onePort()', () => {
  it.each(['rtmp', 'rtmps', 'rtmpt', 'rtmpts'])('publishes and plays by %s', async scheme => {
    const port = onePort({ port: 0, tls: { certificate } })
    const server = createServer({ transports: [port] })
    onTestFinished(() => server.close())
    const [listener] = await server.listen()
    const url = `${scheme}://127.0.0.1:${listener?.address.port}/live`
    const options = { ca: certificate.cert }
    const publisher = await connect(url, options)
    onTestFinished(() => publisher.close())
    const published = await publisher.publish('cam')
    const player = await connect(url, options)
    onTestFinished(() => player.close())
    const played = await player.play('cam')
    const payload = Buffer.from([0x12, 1, 2, 3])
    const heard = once(played, 'data')
    published.write({ messageTypeId: 8, messageStreamId: 0, timestamp: 0, payload })
    const [message] = await heard
    expect(message.payload).toEqual(payload)
    expect([...server.connections].map(({ transport }) => transport)).toEqual([scheme, scheme])
  })

  it('has a house in it', async () => {
    const port = onePort({ port: 0, tls: { certificate } })
    const web = http({ onePort: port, mount: [health()] })
    const server = createServer({ transports: [port], plugins: [web] })
    onTestFinished(() => server.close())
    await server.listen()
    expect((await fetch(`http://127.0.0.1:${web.address?.port}/ready`)).status).toBe(200)
    const asked = request({
      host: '127.0.0.1',
      port: web.address?.port,
      path: '/ready',
      ca: certificate.cert,
      agent: false,
    }).end()
    const [answer] = await once(asked, 'response')
    expect(answer.statusCode).toBe(200)
    await text(answer)
  })

  it('knows its options', () => {
    expect(() => onePort({ prot: 443 } as object)).toThrow(/prot/)
    expect(() => onePort({ tls: { certificat: 1 } } as object)).toThrow(/certificat/)
  })
})
