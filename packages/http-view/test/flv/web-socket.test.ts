import { FlvDemuxer, type MediaMessage } from '@rtmpipe/flv'
import { deny, type Plugin } from '@rtmpipe/session'
import { samples, sampleStream, send } from '@rtmpipe/testing'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { httpFlv } from '../../src/index.ts'
import { essence } from '../support/flv-of.ts'
import { served, type Served } from '../support/served.ts'

function watch({ port }: Served, path: string, options?: ConstructorParameters<typeof WebSocket>[2]): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options)
  socket.on('error', () => {})
  onTestFinished(() => socket.terminate())
  return socket
}

/** The answer to one that is not let in. */
async function refusal(socket: WebSocket): Promise<[status: number | undefined, text: string]> {
  const [, response] = await once(socket, 'unexpected-response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return [response.statusCode, Buffer.concat(chunks).toString()]
}

describe('WS-FLV', () => {
  it('shows the same as HTTP does, in binary messages, and says goodbye at the end', async () => {
    const seen: unknown[] = []
    const plugin: Plugin = {
      name: 'spy',
      onPlay: ({ connection }) => void seen.push(connection.transport, connection.request?.url),
    }
    const server = await served(httpFlv(), { plugins: [plugin] })
    const publisher = await server.test.publish('live/stream')
    const sent = sampleStream(6)
    await send(publisher, sent.slice(0, 9))
    const socket = watch(server, '/live/stream.flv?key=1')
    const demuxer = new FlvDemuxer()
    const got: MediaMessage[] = []
    let isText = false
    socket.on('message', (data, isBinary) => {
      isText ||= !isBinary
      demuxer.push(data as Buffer, message => got.push(message))
    })
    await once(socket, 'open')
    await send(publisher, sent.slice(9))
    publisher.end()
    const [code] = await once(socket, 'close')
    expect([code, isText]).toEqual([1000, false])
    expect(got.map(essence).sort()).toEqual(sent.map(essence).sort())
    expect(seen).toEqual(['ws-flv', '/live/stream.flv?key=1'])
    // That of the publisher is left.
    await expect.poll(() => server.test.server.connections.size).toBe(1)
  })

  it('is refused before it is opened, with the status and text of the gate', async () => {
    const plugin: Plugin = {
      name: 'no',
      onPlay: () => deny('NetStream.Play.Failed', 'not for you', { httpStatus: 401 }),
    }
    const server = await served(httpFlv(), { plugins: [plugin] })
    expect(await refusal(watch(server, '/live/stream.flv'))).toEqual([401, 'NetStream.Play.Failed: not for you\n'])
  })

  it('is refused to pages of other hosts', async () => {
    const server = await served(httpFlv())
    await send(await server.test.publish('live/stream'), sampleStream(1))
    const [status] = await refusal(watch(server, '/live/stream.flv', { origin: 'https://evil.example' }))
    expect(status).toBe(403)
    const own = watch(server, '/live/stream.flv', { origin: `http://127.0.0.1:${server.port}` })
    await once(own, 'open')
  })

  it('leaves when the viewer does', async () => {
    const server = await served(httpFlv())
    await send(await server.test.publish('live/stream'), sampleStream(1))
    const socket = watch(server, '/live/stream.flv')
    await once(socket, 'open')
    expect(server.test.server.streams.get('live', 'stream')?.viewers).toBe(1)
    socket.close()
    await expect.poll(() => server.test.server.streams.get('live', 'stream')?.viewers).toBe(0)
  })

  it('hears nothing, and ends a viewer that says much', async () => {
    const server = await served(httpFlv())
    const publisher = await server.test.publish('live/stream')
    await send(publisher, sampleStream(1))
    const socket = watch(server, '/live/stream.flv')
    await once(socket, 'open')
    socket.send('hello')
    const next = once(socket, 'message')
    await send(publisher, [samples.keyframe(40)])
    await next
    socket.send(Buffer.alloc(100_000))
    const [code] = await once(socket, 'close')
    expect(code).toBe(1009)
    await expect.poll(() => server.test.server.streams.get('live', 'stream')?.viewers).toBe(0)
  })

  it('answers other upgrades as if none were asked for', async () => {
    const server = await served(httpFlv())
    expect((await refusal(watch(server, '/live/stream')))[0]).toBe(404)
    expect((await refusal(watch(server, '/live/%00.flv')))[0]).toBe(400)
    const ofRtmp = new WebSocket(`ws://127.0.0.1:${server.port}/live`, 'rtmp').on('error', () => {})
    expect((await refusal(ofRtmp))[0]).toBe(404)
  })
})
