import type { Status } from '@rtmpipe/session'
import { samples, sampleStream, send } from '@rtmpipe/testing'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { packed } from '../../src/flv/flv-packer.ts'
import { HttpCarrier } from '../../src/flv/http-carrier.ts'
import { httpFlv } from '../../src/index.ts'
import { answerTo, rawSocket } from '../support/raw-answer.ts'
import { served } from '../support/served.ts'

const ask = 'GET /live/stream.flv HTTP/1.1\r\nHost: a\r\n\r\n'

describe('viewers that leave in their own way', () => {
  it('is no viewer any more once it has closed its half', async () => {
    const { test, port } = await served(httpFlv())
    const publisher = await test.publish('live/stream')
    await send(publisher, sampleStream(1))
    const socket = await rawSocket(port)
    const answer = answerTo(socket, ask, /FLV/)
    await answer
    const closed = once(socket, 'end')
    socket.end()
    await send(publisher, [samples.keyframe(40), samples.audio(60)])
    await closed
    await expect.poll(() => test.server.players.size).toBe(0)
    await expect.poll(() => test.server.connections.size).toBe(1)
  })

  it('does not keep a connection that takes nothing after the end of its stream', async () => {
    const server = createServer()
    onTestFinished(() => server.close().closeAllConnections())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = await rawSocket((server.address() as AddressInfo).port)
    socket.pause()
    socket.write(ask)
    const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
    const carrier = new HttpCarrier(response, request.socket, {}, () => {})
    carrier.begin()
    carrier.send(packed([Buffer.alloc(16_000_000)]))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    carrier.end()
    vi.advanceTimersByTime(9_000)
    expect(request.socket.destroyed).toBe(false)
    vi.advanceTimersByTime(1_001)
    expect(request.socket.destroyed).toBe(true)
  })

  it('ends the response of a viewer whose connection is ended as it begins', async () => {
    const reason: Status = { level: 'error', code: 'NetConnection.Connect.Rejected', description: 'enough' }
    const { get, test } = await served(httpFlv(), {
      plugins: [{ name: 'ends', onPlayStart: ({ connection }) => connection.end(reason) }],
    })
    const publisher = await test.publish('live/stream')
    await send(publisher, sampleStream(1))
    const response = await get('/live/stream.flv')
    expect(response.status).toBe(200)
    expect(Buffer.from(await response.arrayBuffer()).toString('latin1')).toMatch(/^FLV/)
    await expect.poll(() => test.server.connections.size).toBe(1)
  })
})
