import { MessageBatch, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { pipeline } from 'node:stream/promises'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type MessageEnd, messagePair } from '../src/message-pair.ts'
import { samples, sampleStream } from '../src/samples.ts'
import { take } from '../src/take.ts'
import { mediaRole, MediaRole } from '@rtmpipe/session'

const turn = () => new Promise<void>(resolve => void setImmediate(resolve))
const timestamps = (messages: RtmpMessage[]) => messages.map(({ timestamp }) => timestamp)
const event = (emitter: Readable, name: string) => new Promise<unknown>(resolve => emitter.once(name, resolve))

describe('messagePair', () => {
  it('carries messages both ways, sent, written or in batches, in order', async () => {
    const [left, right] = messagePair()
    left.send(samples.audio(1))
    left.write(samples.audio(2))
    left.sendBatch(new MessageBatch([samples.audio(3), samples.audio(4)]), 7)
    right.send(samples.audio(5))
    const got = await take(right, 4)
    expect(got.map(({ timestamp, messageStreamId }) => [timestamp, messageStreamId])).toEqual([
      [1, 0],
      [2, 0],
      [3, 7],
      [4, 7],
    ])
    expect(timestamps(await take(left, 1))).toEqual([5])
  })

  it('delivers nothing before send() has returned', async () => {
    const [left, right] = messagePair()
    let arrived = false
    right.on('data', () => (arrived = true))
    await turn()
    left.send(samples.audio(1))
    expect(arrived).toBe(false)
    await turn()
    expect(arrived).toBe(true)
  })

  it('counts what is not taken, and what has gone through', async () => {
    const [left, right] = messagePair()
    for (let index = 0; index < 100; index += 1) left.send(samples.audio(index, 200))
    await turn()
    expect([left.queuedBytes, left.bytesSent, right.bytesReceived]).toEqual([84 * 200, 100 * 200, 16 * 200])
    expect(timestamps(await take(right, 100))).toEqual(Array.from({ length: 100 }, (_, index) => index))
    expect([left.queuedBytes, right.bytesReceived]).toEqual([0, 100 * 200])
  })

  it('a write is taken when nothing waits any more', async () => {
    const [left, right] = messagePair()
    const taken: number[] = []
    for (let index = 0; index < 30; index += 1) left.write(samples.audio(index), () => void taken.push(index))
    await turn()
    const before = taken.length
    expect(before).toBeLessThan(30)
    await take(right, 30)
    await turn()
    expect(taken).toEqual(Array.from({ length: 30 }, (_, index) => index))
  })

  it('ends after what was sent, one direction at a time', async () => {
    const [left, right] = messagePair()
    for (let index = 0; index < 50; index += 1) left.send(samples.audio(index))
    left.end()
    left.send(samples.audio(99))
    left.sendBatch(new MessageBatch([samples.audio(99)]), 1)
    const got: RtmpMessage[] = []
    right.on('data', message => got.push(message as RtmpMessage))
    await event(right, 'end')
    expect(got).toHaveLength(50)
    right.send(samples.audio(7))
    expect(timestamps(await take(left, 1))).toEqual([7])
    right.end()
    left.resume()
    await Promise.all([event(left, 'close'), event(right, 'close')])
  })

  it('closes the far end, without an error, when one is destroyed', async () => {
    const [left, right] = messagePair()
    const errors: unknown[] = []
    right.on('error', error => errors.push(error))
    left.on('error', () => {})
    for (let index = 0; index < 50; index += 1) right.send(samples.audio(index))
    left.destroy(new Error('mine'))
    await event(right, 'close')
    expect(errors).toEqual([])
    right.send(samples.audio(0))
  })

  it('does not keep an end open whose messages nobody takes any more', async () => {
    const [left, right] = messagePair()
    left.end()
    right.resume()
    for (let index = 0; index < 50; index += 1) right.send(samples.audio(index))
    await event(right, 'end')
    left.destroy()
    await event(right, 'close')
  })

  it('fails a write that is under way when it is destroyed', async () => {
    const [left] = messagePair()
    left.on('error', () => {})
    const failed = new Promise(resolve => {
      for (let index = 0; index < 30; index += 1) left.write(samples.audio(index), error => error && resolve(error))
    })
    await turn()
    left.destroy()
    expect(await failed).toBeInstanceOf(Error)
  })

  it('works in a pipeline', async () => {
    const [left, right] = messagePair()
    const sink = new PassThrough({ objectMode: true })
    void pipeline(right, sink).catch(() => {})
    const taken = take(sink, 103)
    await pipeline(Readable.from(sampleStream(50)), left as unknown as NodeJS.WritableStream)
    expect(await taken).toHaveLength(103)
  })
})

describe('take', () => {
  it('takes no more than asked for', async () => {
    const [left, right] = messagePair()
    for (let index = 0; index < 5; index += 1) left.send(samples.audio(index))
    expect(timestamps(await take(right, 2))).toEqual([0, 1])
    expect(timestamps(await take(right, 3))).toEqual([2, 3, 4])
    expect(right.listenerCount('readable') + right.listenerCount('close')).toBeLessThan(3)
  })

  it.each<[string, (stream: Readable) => void, string]>([
    ['ends', stream => void stream.push(null), 'ended after 1 of 2'],
    ['is destroyed', stream => void stream.destroy(), 'ended after 1 of 2'],
    ['fails', stream => void stream.destroy(new Error('boom')), 'boom'],
  ])('rejects when the stream %s before, and so again', async (_what, act, message) => {
    const stream = new Readable({ objectMode: true, read() {} })
    stream.on('error', () => {})
    stream.push(samples.audio(0))
    const taken = take(stream, 2)
    setImmediate(() => act(stream))
    await expect(taken).rejects.toThrow(message)
    await turn()
    await expect(take(stream, 1)).rejects.toThrow('ended after 0 of 1')
  })

  it('breaks after so many media messages, once they have been read', async () => {
    const [left, right] = messagePair() as [MessageEnd, MessageEnd]
    const broken = event(right, 'error')
    const gone = left.breakAfter(2)
    const got = take(right, 3)
    left.send({ ...samples.audio(1), messageTypeId: 4 })
    for (const timestamp of [2, 3]) left.send(samples.audio(timestamp))
    expect(timestamps(await got)).toEqual([1, 2, 3])
    right.send(samples.audio(4))
    left.send(samples.audio(5))
    await gone
    expect(await broken).toMatchObject({ code: 'ECONNRESET' })
    expect([left.destroyed, left.readableLength, right.readableLength]).toEqual([true, 0, 0])
    await left.breakAfter(1)
  })
})

describe('samples', () => {
  it('are what they are called', () => {
    const roles = Object.entries(samples).map(([name, make]) => [
      name,
      mediaRole((make as (timestamp?: number) => RtmpMessage)(name === 'metadata' ? undefined : 7)),
    ])
    expect(Object.fromEntries(roles)).toEqual({
      metadata: MediaRole.Metadata,
      videoHeader: MediaRole.VideoHeader,
      audioHeader: MediaRole.AudioHeader,
      keyframe: MediaRole.Keyframe,
      interframe: MediaRole.Interframe,
      disposable: MediaRole.Disposable,
      audio: MediaRole.Audio,
    })
  })

  it('make a stream of pictures with sound in between', () => {
    const stream = sampleStream(12, 5)
    expect(stream).toHaveLength(3 + 24)
    const keyframes = stream.filter(message => mediaRole(message) === MediaRole.Keyframe)
    expect(timestamps(keyframes)).toEqual([0, 200, 400])
    expect(timestamps(stream.slice(3))).toEqual([...timestamps(stream.slice(3))].sort((a, b) => a - b))
  })
})
