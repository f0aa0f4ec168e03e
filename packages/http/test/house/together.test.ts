import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { RtmpServer } from '@rtmpipe/session'
import { httpTunnel } from '@rtmpipe/transport-http-tunnel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { http, type Mount } from '../../src/index.ts'

/** Events that are told when somebody says so. */
class Ticker {
  tick = (_text: string): void => {}

  readonly mount: Mount = async app => {
    app.get('/ticks', (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'Content-Type': 'text/event-stream' })
      reply.raw.flushHeaders()
      this.tick = text => void reply.raw.write(text)
    })
  }
}

async function tunnelAndTicker() {
  const ticker = new Ticker()
  const web = http({ port: 0, mount: [ticker.mount] })
  const tunnel = web.tunnel({ idleTimeout: 300, openTimeout: 300, maxSessions: 1 })
  const server = new RtmpServer({ transports: [tunnel], plugins: [web] })
  onTestFinished(() => server.close())
  await server.listen()
  return { ticker, server, port: web.address?.port ?? 0 }
}

/** A client whose handshake is done. */
async function connected(port: number): Promise<Duplex> {
  const { stream } = await httpTunnel().dial(new URL(`rtmpt://127.0.0.1:${port}`))
  stream.on('error', () => {})
  stream.write(Buffer.alloc(1 + 1536 + 1536, 3))
  await once(stream, 'data')
  return stream
}

describe('the tunnel and events on one port', () => {
  it('have limits of their own: sessions end, events go on', async () => {
    const { ticker, port } = await tunnelAndTicker()
    const events = await fetch(`http://127.0.0.1:${port}/ticks`)
    const reader = events.body?.getReader()
    const stream = await connected(port)
    // The limit on sessions is none on connections: a second one is refused, and events are not.
    await expect(httpTunnel().dial(new URL(`rtmpt://127.0.0.1:${port}`))).rejects.toMatchObject({ status: 503 })
    const ended = once(stream, 'close')
    // Nobody asks for the session any more, so the server ends it.
    stream.destroy()
    await ended
    ticker.tick('data: 1\n\n')
    const { value } = (await reader?.read()) ?? {}
    expect(Buffer.from(value ?? []).toString()).toBe('data: 1\n\n')
  })

  it('drain alike: no new sessions, and events go on until the server has closed', async () => {
    const { ticker, server, port } = await tunnelAndTicker()
    const reader = (await fetch(`http://127.0.0.1:${port}/ticks`)).body?.getReader()
    const stream = await connected(port)
    const drained = server.drain()
    await expect(httpTunnel().dial(new URL(`rtmpt://127.0.0.1:${port}`))).rejects.toMatchObject({ status: 503 })
    ticker.tick('data: 2\n\n')
    const { value } = (await reader?.read()) ?? {}
    expect(Buffer.from(value ?? []).toString()).toBe('data: 2\n\n')
    stream.destroy()
    await drained
    await expect(fetch(`http://127.0.0.1:${port}/ticks`)).rejects.toThrow()
  })
})
