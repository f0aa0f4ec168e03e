import { request } from 'node:https'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { RtmpServer } from '@rtmpipe/session'
import { httpTunnel } from '@rtmpipe/transport-http-tunnel'
import { onePort, type Protocol } from '@rtmpipe/transport-one-port'
import { createSelfSignedCertificate } from '@rtmpipe/transport-tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { http } from '../../src/index.ts'
import { doors } from '../support/served.ts'

const certificate = await createSelfSignedCertificate()

async function served(protocols?: readonly Protocol[]) {
  const port = onePort({ port: 0, tls: { certificate }, protocols })
  const web = http({ onePort: port, mount: [doors] })
  const server = new RtmpServer({ transports: [port], plugins: [web] })
  onTestFinished(() => server.close())
  await server.listen()
  return { server, web, port: web.address?.port ?? 0 }
}

async function getSecurely(port: number, path: string): Promise<{ status: number; body: string }> {
  const asked = request({ host: '127.0.0.1', port, path, ca: certificate.cert, agent: false }).end()
  const [answer] = await once(asked, 'response')
  return { status: answer.statusCode, body: await text(answer) }
}

describe('a house on one port', () => {
  it('is reached in clear and by TLS, and has the tunnel of the port', async () => {
    const { port, server } = await served()
    expect(await (await fetch(`http://127.0.0.1:${port}/open`)).json()).toEqual({ open: true })
    expect(await getSecurely(port, '/open')).toEqual({ status: 200, body: '{"open":true}' })
    expect(await getSecurely(port, '/nothing')).toMatchObject({ status: 404 })
    for (const scheme of ['rtmpt', 'rtmpts']) {
      const { stream } = await httpTunnel({ ca: certificate.cert }).dial(new URL(`${scheme}://127.0.0.1:${port}`))
      const hello = Buffer.alloc(1_537)
      hello[0] = 3
      stream.on('error', () => {}).write(hello)
      const [answer] = (await once(stream, 'data')) as [Buffer]
      expect(answer[0]).toBe(3)
      stream.destroy()
    }
    expect([...server.traffic.keys()].sort()).toEqual(['rtmpt', 'rtmpts'])
  })

  it('frees the port with the server', async () => {
    const { port, server, web } = await served()
    await fetch(`http://127.0.0.1:${port}/open`)
    await server.close()
    expect(web.address).toBeUndefined()
    await expect(fetch(`http://127.0.0.1:${port}/open`)).rejects.toThrow()
  })

  it('is not reached where HTTP is switched off', async () => {
    const { port } = await served(['rtmp', 'rtmpt'])
    expect((await fetch(`http://127.0.0.1:${port}/look`)).status).toBe(421)
  })

  it('has no options of the port, and no tunnel of its own', () => {
    const port = onePort({ port: 0 })
    expect(() => http({ onePort: port, port: 8080 })).toThrow(
      'http(): port is an option of onePort() where there is one',
    )
    expect(() => http({ onePort: port }).tunnel()).toThrow('tunnel(): sessions come by onePort()')
  })
})
