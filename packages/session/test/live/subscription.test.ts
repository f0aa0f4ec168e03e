import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { LiveStream } from '../../src/live/live-stream.ts'
import type { Subscription, SubscriptionOptions } from '../../src/contract/stream-view.ts'
import { samples, sampleStream } from '@rtmpipe/testing'

const { audio, interframe, keyframe, metadata, videoHeader } = samples

const turn = () => new Promise<void>(resolve => void setImmediate(resolve))

function setUp(options?: SubscriptionOptions) {
  const stream = new LiveStream('live', 'name', { mergeWindow: 0 })
  stream.startPublish()
  const write = async (...messages: RtmpMessage[]) => {
    const answers = messages.map(message => stream.write(message))
    await turn()
    return answers
  }
  const subscribe = () => stream.subscribe(options)
  return { stream, write, subscribe }
}

async function rest(subscription: Subscription): Promise<number[]> {
  const timestamps: number[] = []
  for await (const message of subscription) timestamps.push((message as RtmpMessage).timestamp)
  return timestamps
}

const pictures = (count: number, from = 0) => Array.from({ length: count }, (_, index) => interframe(from + index, 936))

describe('a subscription', () => {
  it('gives what a late player gets, what comes then, and ends with the publish', async () => {
    const { stream, write, subscribe } = setUp()
    await write(metadata(), videoHeader(0), keyframe(40))
    const subscription = subscribe()
    await write(audio(50))
    stream.write(interframe(80))
    stream.endPublish()
    expect(await rest(subscription)).toEqual([0, 40, 40, 50, 80])
    expect(stream.consumerCount).toBe(0)
  })

  it('made before the publisher comes waits for it', async () => {
    const stream = new LiveStream('live', 'name', { mergeWindow: 0 })
    const subscription = stream.subscribe()
    stream.startPublish()
    stream.write(audio(1))
    stream.endPublish()
    expect(await rest(subscription)).toEqual([1])
  })

  it('that follows stays for the next publisher', async () => {
    const { stream, write, subscribe } = setUp({ follow: true })
    const subscription = subscribe()
    const got: RtmpMessage[] = []
    subscription.on('data', message => got.push(message))
    await write(audio(100))
    stream.endPublish()
    stream.startPublish()
    await write(audio(0))
    expect(got.map(({ timestamp, discontinuity }) => [timestamp, discontinuity])).toEqual([
      [100, undefined],
      [140, true],
    ])
    expect(subscription.readableEnded).toBe(false)
    subscription.destroy()
    expect(stream.consumerCount).toBe(0)
  })

  it('that is destroyed leaves the stream', async () => {
    const { stream, subscribe } = setUp()
    const subscription = subscribe()
    expect(stream.consumerCount).toBe(1)
    subscription.destroy()
    expect(stream.consumerCount).toBe(0)
    expect(stream.write(audio(0))).toBe(true)
  })

  it('that joins in the middle of a group begins with a keyframe', async () => {
    const { stream, write, subscribe } = setUp()
    await write(interframe(0), audio(1))
    const subscription = subscribe()
    await write(interframe(2), audio(3), keyframe(4), interframe(5))
    stream.endPublish()
    expect(await rest(subscription)).toEqual([3, 4, 5])
  })

  it('may be made while another is given its messages', async () => {
    const { stream, write, subscribe } = setUp()
    let late: Subscription | undefined
    subscribe().on('data', () => (late ??= subscribe()))
    await write(keyframe(0), audio(1))
    await write(audio(2))
    stream.endPublish()
    expect(await rest(late as Subscription)).toEqual([0, 1, 2])
  })
})

describe('a reader that lags', () => {
  const limits = { maxBytes: 20_000, maxDuration: 5_000 }

  it('has messages dropped: the rest is marked and counted', async () => {
    const { stream, write, subscribe } = setUp(limits)
    const subscription = subscribe()
    await write(videoHeader(0), ...pictures(100), keyframe(200), audio(201))
    expect(subscription.dropped).toBeGreaterThan(50)
    stream.endPublish()
    const messages: RtmpMessage[] = []
    for await (const message of subscription) messages.push(message as RtmpMessage)
    expect(messages.length + subscription.dropped).toBe(103)
    expect(messages.some(({ payload }) => payload.equals(videoHeader().payload))).toBe(true)
    expect(messages.filter(({ discontinuity }) => discontinuity)).toHaveLength(1)
  })

  it('with backpressure holds the publisher and loses nothing', async () => {
    const { stream, write, subscribe } = setUp({ ...limits, whenSlow: 'backpressure' })
    const subscription = subscribe()
    await write(...pictures(40))
    expect(stream.write(interframe(40))).toBe(false)
    let free = false
    void stream.writable().then(() => (free = true))
    await turn()
    expect(free).toBe(false)
    const first: number[] = []
    for (let message = subscription.read(); message !== null; message = subscription.read())
      first.push((message as RtmpMessage).timestamp)
    await stream.writable()
    stream.endPublish()
    expect([...first, ...(await rest(subscription))]).toEqual(Array.from({ length: 41 }, (_, index) => index))
    expect(subscription.dropped).toBe(0)
  })

  it('with backpressure lets go of the publisher when it is destroyed', async () => {
    const { stream, write, subscribe } = setUp({ ...limits, whenSlow: 'backpressure' })
    const subscription = subscribe()
    await write(...pictures(60))
    const writable = stream.writable()
    subscription.destroy()
    await writable
  })

  it('with fail fails', async () => {
    const { stream, write, subscribe } = setUp({ ...limits, whenSlow: 'fail' })
    const subscription = subscribe()
    const failed = new Promise(resolve => subscription.once('error', resolve))
    await write(...pictures(60))
    expect(await failed).toMatchObject({ code: 'RTMP_ERR_SLOW_CONSUMER' })
    expect(stream.consumerCount).toBe(0)
  })

  it.each(['fail', 'drop'] as const)('is none while it gets a long beginning: %s', async whenSlow => {
    const { stream, write, subscribe } = setUp({ ...limits, whenSlow })
    const beginning = sampleStream(300, 1_000)
    await write(...beginning)
    const subscription = subscribe()
    const all = rest(subscription)
    await turn()
    await write(audio(100_000))
    stream.endPublish()
    expect(await all).toHaveLength(beginning.length + 1)
    expect(subscription.dropped).toBe(0)
  })

  it('asks a policy of its own', async () => {
    let asked = 0
    const { write, subscribe } = setUp({ ...limits, whenSlow: queue => ((asked += 1), queue.clear(), 'continue') })
    const subscription = subscribe()
    await write(...pictures(40))
    expect(asked).toBe(1)
    subscription.destroy()
  })

  it('rejects a policy that is none', () => {
    const { subscribe } = setUp({ whenSlow: 'maybe' as never })
    expect(subscribe).toThrow(expect.objectContaining({ code: 'RTMP_ERR_USAGE' }))
  })
})
