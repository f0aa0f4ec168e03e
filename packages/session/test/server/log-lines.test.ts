import { type AddressInfo, connect as connectSocket, createServer } from 'node:net'
import { once } from 'node:events'
import { LimitError } from '@rtmpipe/chunk-stream'
import { samples, sampleStream, send, take, TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import type { PublishInfo } from '../../src/contract/info.ts'
import { status } from '../../src/protocol/status.ts'
import { endFields, isDisconnect } from '../../src/peer/end-fields.ts'
import { type LogLine, RecordingLog } from '../support/recording-log.ts'

/** The lines with that message, once there are some. */
async function lines(log: RecordingLog, message: string) {
  for (;;) {
    const found = log.lines.filter(line => line.message === message)
    if (found.length > 0) return found
    await new Promise(resolve => setImmediate(resolve))
  }
}

const codecs = [
  { kind: 'video', codec: 'avc1', width: 640, height: 360 },
  { kind: 'audio', codec: 'mp4a', sampleRate: 44_100, channels: 2 },
]

describe('the log', () => {
  it('tells what is published as soon as both kinds have come, once', async () => {
    const log = new RecordingLog()
    await using server = new TestServer({ log })
    const publisher = await server.publish('live/cam')
    await send(publisher, sampleStream(10))
    await send(publisher, sampleStream(10))
    expect(await lines(log, 'publish media')).toMatchObject([{ level: 'info', app: 'live', stream: 'cam', codecs }])
  })

  it('tells of one kind alone when the publish ends before the other has come', async () => {
    const log = new RecordingLog()
    await using server = new TestServer({ log })
    const publisher = await server.publish('live/sound')
    await send(publisher, [samples.audioHeader(0), samples.audio(20)])
    publisher.end()
    const [ended] = await lines(log, 'publish ended')
    expect(ended).toMatchObject({ bytes: 204, reason: 'unpublished' })
    const before = log.lines[log.lines.indexOf(ended as LogLine) - 1]
    expect(before).toMatchObject({ message: 'publish media', codecs: [codecs[1]] })
  })

  it('tells how long it was, how much, and why it ended', async () => {
    const log = new RecordingLog()
    let info: PublishInfo | undefined
    const onPublishStart = (started: PublishInfo) => void (info = started)
    await using server = new TestServer({ log, plugins: [{ name: 'watch', onPublishStart }] })
    const publisher = await server.publish('live/cam')
    const player = await server.play('live/cam')
    player.on('error', () => {})
    const sent = sampleStream(10)
    await send(publisher, sent)
    await take(player, sent.length)
    publisher.on('error', () => {})
    info?.end(status('NetStream.Unpublish.Success', 'the show is over'))
    const bytes = sent.reduce((sum, { payload }) => sum + payload.length, 0)
    expect(await lines(log, 'publish ended')).toMatchObject([
      { app: 'live', stream: 'cam', duration: expect.any(Number), bytes, reason: 'the show is over' },
    ])
    server.clients.at(-1)?.messages.destroy()
    const [ended] = await lines(log, 'play ended')
    expect(ended).toMatchObject({
      duration: expect.any(Number),
      dropped: 0,
      reason: expect.stringMatching(/player|left/),
    })
    expect(ended?.['bytes']).toBeGreaterThan(bytes)
    expect(await lines(log, 'disconnected')).toMatchObject([
      { duration: expect.any(Number), bytesReceived: expect.any(Number), reason: 'the client has left' },
    ])
  })

  it('has no stack for a viewer whose connection is reset', async () => {
    const log = new RecordingLog()
    await using server = new TestServer({ log })
    const listener = createServer(stream => {
      const { remoteAddress: address = '', remotePort: port = 0 } = stream
      server.server.accept({ stream, transport: 'rtmp', secure: false, remote: { address, port } })
    }).listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const socket = connectSocket((listener.address() as AddressInfo).port, '127.0.0.1')
    socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(1536)]))
    await once(socket, 'data')
    socket.resetAndDestroy()
    const [line] = await lines(log, 'disconnected')
    expect(line).toMatchObject({ level: 'info', reason: 'the connection was lost', code: 'ECONNRESET' })
    expect(line).not.toHaveProperty('err')
    listener.close()
  })

  it('does not show a key that is the name of a stream', async () => {
    const log = new RecordingLog()
    await using server = new TestServer({ log })
    const publisher = await server.publish('live/?streamname=cam&key=hush')
    await send(publisher, sampleStream(10))
    const player = await server.play('live/?streamname=cam&key=hush')
    await take(player, 1)
    publisher.end()
    await lines(log, 'publish ended')
    expect(log.lines.filter(line => line['stream'] === '?…').map(({ message }) => message)).toEqual(
      expect.arrayContaining(['publish started', 'publish media', 'play started', 'publish ended']),
    )
    expect(JSON.stringify(log.lines)).not.toContain('hush')
  })
})

describe('endFields', () => {
  const system = (code: string) => Object.assign(new Error(`read ${code}`), { code, syscall: 'read' })

  it.each(['ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH'])('%s is how clients leave', code => {
    expect(isDisconnect(system(code))).toBe(true)
    expect(endFields(system(code), 'x')).toEqual({ reason: 'the connection was lost', code })
  })

  it('counts a page that is left as one of them', () => {
    const left = Object.assign(new Error('write after the peer closed'), { code: 'RTMP_ERR_WEBSOCKET_CLOSED' })
    expect(isDisconnect(left)).toBe(true)
  })

  it('names what we found fault with by its code, and keeps the stack of a bug', () => {
    const limit = new LimitError('RTMP_ERR_PING_TIMEOUT', 'no answer to pings')
    expect([isDisconnect(limit), endFields(limit, 'x')]).toEqual([
      false,
      { reason: 'no answer to pings', code: 'RTMP_ERR_PING_TIMEOUT' },
    ])
    const bug = new TypeError('x is not a function')
    expect([isDisconnect(bug), endFields(bug, 'x')]).toEqual([false, { reason: bug.message, err: bug }])
    expect(endFields(undefined, 'the client has left')).toEqual({ reason: 'the client has left' })
  })
})
