import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { LiveStream } from '@rtmpipe/session'
import { samples, sampleStream } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { nobody } from '../../src/contract/bus.ts'
import { Hop } from '../../src/origin/hop.ts'
import { OfferedStream } from '../../src/origin/offered-stream.ts'
import { FrameFlag, FrameKind } from '../../src/wire/frame.ts'
import { TestBus } from '../support/test-bus.ts'
import { TestClock } from '../support/test-clock.ts'
import { TestEdge } from './test-edge.ts'

const sid = 'abcdefghijklmnopqrstuv'
const epoch = 67_108_867

function offering() {
  const bus = new TestBus()
  const clock = new TestClock()
  const stream = new LiveStream('live', 'name', { mergeWindow: 10_000 })
  stream.startPublish()
  const leftOut = { messages: 0, bytes: 0 }
  const offered = new OfferedStream({ bus, hop: new Hop(bus, clock, leftOut), clock, sid, epoch, stream })
  let edges = 0
  const edge = () => new TestEdge(bus, sid, `edge${(edges += 1)}`)
  const write = async (...messages: readonly RtmpMessage[]) => {
    for (const message of messages) stream.write(message)
    await new Promise(resolve => setImmediate(resolve))
  }
  /** Frames and answers; not what edges send. */
  const sent = () => bus.published.filter(({ subject }) => !subject.startsWith('rt1.j.')).length
  return { bus, clock, stream, offered, leftOut, edge, write, sent }
}

function shape(messages: readonly RtmpMessage[]): string[] {
  return messages.map(
    ({ messageTypeId, timestamp, payload }) => `${messageTypeId} ${timestamp} ${payload.toString('hex')}`,
  )
}

describe('OfferedStream', () => {
  it('reads and sends nothing before the first join', async () => {
    const { clock, stream, write, sent } = offering()
    await write(...sampleStream(20))
    clock.advance(60_000)
    expect(sent()).toBe(0)
    expect(stream.consumerCount).toBe(0)
  })

  it('gives the first all that a late player gets, at once, and then what comes', async () => {
    const { edge, write, offered } = offering()
    await write(...sampleStream(15))
    const one = edge()
    one.join()
    expect(one.answers).toEqual([{ epoch, headers: 3, seq: 0, mode: 'inbox' }])
    expect(one.snapshots).toMatchObject([
      { seq: 0, headers: 3, flags: FrameFlag.Key | FrameFlag.Last, isShared: false },
    ])
    await write(...sampleStream(30).slice(-20))
    const late = sampleStream(30)
    const expected = [
      late[0],
      { ...late[2], timestamp: 400 },
      { ...late[1], timestamp: 400 },
      ...late.slice(3 + 20, 3 + 30),
    ]
    expect(shape(one.seen())).toEqual(shape([...(expected as RtmpMessage[]), ...late.slice(-20)]))
    expect(offered.joins).toBe(1)
  })

  it('splices every late join without a hole and without a double, whatever was on its way', async () => {
    const { edge, stream, write, clock } = offering()
    const all = sampleStream(60)
    const edges: TestEdge[] = []
    for (const [index, message] of all.entries()) {
      // Some wait to be sent when somebody joins, some do not.
      if (index % 3 === 0) await write(message)
      else stream.write(message)
      if (index % 7 !== 0) continue
      const late = edge()
      edges.push(late)
      late.join()
      clock.advance(25)
    }
    await write()
    for (const late of edges) {
      const seen = late.seen().filter(({ messageTypeId }) => messageTypeId === MessageType.Audio)
      const times = seen.filter(({ payload }) => payload[1] !== 0).map(({ timestamp }) => timestamp)
      expect(times, late.node).toEqual([...new Set(times)].toSorted((a, b) => a - b))
      expect(times.at(-1)).toBe(all.at(-1)?.timestamp)
      const pictures = late
        .seen()
        .filter(({ messageTypeId, payload }) => messageTypeId === MessageType.Video && payload[1] === 1)
      const first = pictures[0]?.timestamp ?? NaN
      expect(pictures.map(({ timestamp }) => timestamp)).toEqual(
        Array.from({ length: pictures.length }, (_, index) => first + index * 40),
      )
    }
    expect(edges.length).toBe(18)
    expect(stream.consumerCount).toBe(1)
  })

  it('numbers messages from 1 on, and sends those of a turn in one frame', async () => {
    const { edge, write } = offering()
    const one = edge()
    one.join()
    await write(samples.audio(0), samples.audio(20), samples.audio(40))
    await write(samples.audio(60))
    expect(one.frames).toMatchObject([
      { kind: FrameKind.Media, seq: 1, messages: [{ timestamp: 0 }, { timestamp: 20 }, { timestamp: 40 }] },
      { kind: FrameKind.Media, seq: 4, messages: [{ timestamp: 60 }] },
    ])
  })

  it('waits for no merge window', async () => {
    const { edge, write } = offering()
    const one = edge()
    one.join()
    for (let time = 0; time < 100; time += 20) {
      await write(samples.audio(time))
      expect(one.live.size).toBe(time / 20 + 1)
    }
  })

  it('has the clock of the sender in each frame, and how many headers there were', async () => {
    const { edge, write, clock } = offering()
    const one = edge()
    one.join()
    await write(samples.metadata(), samples.audioHeader(), samples.audio(0))
    clock.advance(100.5)
    await write(samples.audio(20))
    const [first, second] = one.frames
    expect(first).toMatchObject({ headers: 2, sentAt: 1_000 })
    expect(second).toMatchObject({ headers: 2, sentAt: 1_100.5 })
  })

  it('makes one snapshot for all who join within 20 ms of the last', async () => {
    const { edge, write, clock } = offering()
    await write(...sampleStream(15))
    const edges = Array.from({ length: 100 }, () => edge())
    for (const each of edges) each.join()
    expect(edges.map(({ answers }) => (answers[0] as { mode: string }).mode)).toEqual([
      'inbox',
      ...Array(99).fill('shared'),
    ])
    await write(samples.audio(1_000))
    clock.advance(19)
    expect(edges[1]?.snapshots).toEqual([])
    clock.advance(1)
    expect(edges[1]?.snapshots).toMatchObject([{ isShared: true, seq: 1 }])
    expect(edges[1]?.snapshots[0]?.messages.at(-1)?.timestamp).toBe(1_000)
  })

  it('makes at most fifty snapshots a second', async () => {
    const { edge, write, clock, bus } = offering()
    await write(...sampleStream(15))
    for (let time = 0; time < 999; time += 1) {
      const each = edge()
      each.join()
      each.gone()
      clock.advance(1)
    }
    const snapshots = bus.published.filter(({ payload }) => payload[0] === FrameKind.Snapshot)
    expect(snapshots.length).toBe(50)
  })

  it('is busy for the 201st that waits, who is not counted as joined', async () => {
    const { edge, clock, offered } = offering()
    const edges = Array.from({ length: 202 }, () => edge())
    for (const each of edges) each.join()
    expect(edges[200]?.answers).toMatchObject([{ mode: 'shared' }])
    expect(edges[201]?.answers).toEqual([{ retryAfter: 500 }])
    expect(offered.joins).toBe(201)
    clock.advance(20)
    edges[201]?.join()
    expect(edges[201]?.answers[1]).toMatchObject({ mode: 'shared' })
  })

  it('gives headers alone to who asks for no more, or can not hold more', async () => {
    const { edge, write, clock } = offering()
    await write(...sampleStream(15))
    for (const [max, count] of [
      [0, 3],
      [1_000, 3],
      [1_000_000, 13],
    ] as const) {
      const one = edge()
      one.join({ max })
      clock.advance(20)
      expect(one.snapshots[0]?.messages.length).toBe(count)
      expect((one.snapshots[0]?.flags ?? 0) & FrameFlag.Key).toBe(count === 3 ? 0 : FrameFlag.Key)
    }
  })

  it('makes a shared snapshot as long as any of them wants it', async () => {
    const { edge, write, clock } = offering()
    await write(...sampleStream(15))
    const [first, headersOnly, all] = [edge(), edge(), edge()]
    first.join()
    headersOnly.join({ max: 0 })
    clock.advance(20)
    expect(headersOnly.snapshots[0]?.messages.length).toBe(3)
    headersOnly.join({ max: 0 })
    all.join()
    clock.advance(20)
    expect(all.snapshots[1]?.messages.length).toBe(13)
  })

  it('ticks every 500 ms while it is silent, with the number that comes next', async () => {
    const { edge, write, clock } = offering()
    const one = edge()
    one.join()
    await write(samples.audio(0))
    clock.advance(499)
    expect(one.frames.length).toBe(1)
    clock.advance(1)
    expect(one.frames.slice(1)).toMatchObject([{ kind: FrameKind.Tick, seq: 2 }])
    clock.advance(400)
    await write(samples.audio(900))
    clock.advance(499)
    expect(one.frames.length).toBe(3)
    clock.advance(1)
    expect(one.frames.at(-1)).toMatchObject({ kind: FrameKind.Tick, seq: 3 })
  })

  it('sends nothing 15 s after the last renewal', async () => {
    const { edge, write, clock, offered, stream, sent } = offering()
    const [one, two] = [edge(), edge()]
    one.join()
    two.join()
    clock.advance(5_000)
    one.join({ renew: true })
    clock.advance(10_000)
    expect(offered.joins).toBe(1)
    await write(samples.audio(0))
    expect(one.live.size).toBe(1)
    clock.advance(5_500)
    expect(offered.joins).toBe(0)
    expect(stream.consumerCount).toBe(0)
    expect(clock.waiting).toBe(0)
    const before = sent()
    await write(samples.audio(20))
    clock.advance(60_000)
    expect(sent()).toBe(before)
  })

  it('goes on for 15 s of silence from an edge, and longer when that renews', async () => {
    const { edge, clock, offered } = offering()
    const one = edge()
    one.join()
    for (let round = 0; round < 20; round += 1) {
      clock.advance(5_000)
      one.join({ renew: true })
    }
    expect(offered.joins).toBe(1)
    clock.advance(14_500)
    expect(offered.joins).toBe(1)
  })

  it('answers no renewal, and begins nothing for one', async () => {
    const { edge, clock, offered, stream } = offering()
    const one = edge()
    one.join({ renew: true })
    expect([one.answers, offered.joins, stream.consumerCount]).toEqual([[], 0, 0])
    edge().join()
    clock.advance(10_000)
    one.join({ renew: true })
    expect([one.answers, offered.joins]).toEqual([[], 2])
  })

  it('stops at once when the last leaves, and begins again with numbers that go on', async () => {
    const { edge, write, offered, stream, clock } = offering()
    const [one, two] = [edge(), edge()]
    one.join()
    two.join()
    await write(samples.metadata(), samples.videoHeader(), samples.keyframe(0), samples.audio(10))
    one.leave()
    expect(stream.consumerCount).toBe(1)
    two.leave()
    expect([offered.joins, stream.consumerCount, clock.waiting]).toEqual([0, 0, 0])
    await write(samples.videoHeader(), samples.keyframe(20), samples.audio(30))
    const three = edge()
    clock.advance(20)
    three.join()
    // One who is still there, as nothing it says gets through, must not take what follows for what comes next.
    expect(three.snapshots).toMatchObject([{ seq: 5 }])
    await write(samples.audio(40))
    expect(three.frames).toMatchObject([{ seq: 6 }])
    // Who was there before and has come back finds more headers than it knows.
    expect(three.frames[0]?.headers).toBeGreaterThan(2)
  })

  it('takes a second join of the same edge for another request, not for another follower', async () => {
    const { edge, offered, clock } = offering()
    const one = edge()
    one.join()
    one.join()
    one.join()
    expect(offered.joins).toBe(1)
    clock.advance(20)
    expect(one.snapshots.length).toBe(2)
    one.leave()
    expect(offered.joins).toBe(0)
  })

  it('sends what is longer than a frame in fragments of 256 KB, and snapshots too', async () => {
    const { edge, write, clock, bus } = offering()
    const [one, two] = [edge(), edge()]
    one.join()
    await write(samples.videoHeader(), samples.keyframe(0, 2_000_000), samples.audio(10))
    clock.advance(20)
    two.join()
    expect(Math.max(...bus.published.map(({ payload }) => payload.length))).toBe(256 * 1024)
    expect(one.live.get(2)?.payload.equals(samples.keyframe(0, 2_000_000).payload)).toBe(true)
    expect(one.live.get(3)?.timestamp).toBe(10)
    expect(two.snapshots[0]?.messages[1]?.payload.equals(samples.keyframe(0, 2_000_000).payload)).toBe(true)
  })

  it('fills frames up to 256 KB with what comes in one turn', async () => {
    const { edge, write } = offering()
    const one = edge()
    one.join()
    await write(
      samples.videoHeader(),
      samples.keyframe(0),
      ...Array.from({ length: 30 }, (_, i) => samples.interframe(i, 20_000)),
    )
    expect(one.live.size).toBe(32)
    expect(one.frames.length).toBe(3)
  })

  it('ends with the publish, after all that was published', async () => {
    const { edge, stream, offered, clock, bus } = offering()
    const one = edge()
    one.join()
    for (const message of sampleStream(20)) stream.write(message)
    stream.endPublish()
    offered.close()
    expect(shape(one.seen())).toEqual(shape(sampleStream(20)))
    expect(one.frames.at(-1)).toMatchObject({ kind: FrameKind.End, seq: 44, flags: 0 })
    const late = edge()
    late.join()
    expect(late.answers).toEqual([nobody])
    one.gone()
    late.gone()
    expect([bus.subscriptions, clock.waiting, stream.consumerCount]).toEqual([0, 0, 0])
    offered.close()
    expect(one.frames.filter(({ kind }) => kind === FrameKind.End).length).toBe(1)
  })

  it('ends by itself when the stream does', async () => {
    const { edge, stream, write } = offering()
    const one = edge()
    one.join()
    stream.write(samples.audio(0))
    stream.endPublish()
    await write()
    expect(one.frames).toMatchObject([{ seq: 1 }, { kind: FrameKind.End, seq: 2, flags: 0 }])
  })

  it('says when it is not the publish that ends', async () => {
    const { edge, offered } = offering()
    const one = edge()
    one.join()
    offered.close(true)
    expect(one.frames).toMatchObject([{ kind: FrameKind.End, flags: FrameFlag.CutOff }])
  })

  it('tells nobody of its end when nobody has joined', () => {
    const { offered, sent, bus } = offering()
    offered.close()
    expect([sent(), bus.subscriptions]).toEqual([0, 0])
  })

  it('answers nobody between the end of the publish and that of the claim', async () => {
    const { edge, stream } = offering()
    stream.endPublish()
    const one = edge()
    one.join()
    expect([one.answers, one.snapshots, stream.consumerCount]).toEqual([[], [], 0])
  })

  it('sends nothing to who asks wrongly, or for answers elsewhere', async () => {
    const { bus, offered, sent } = offering()
    for (const payload of ['', '{}', '{"node":"a.b","join":"j"}', '\u0001\u0000', '['.repeat(5_000)]) {
      bus.publish(`rt1.j.${sid}`, Buffer.from(payload), 'rt1.r.n.1')
    }
    const request = Buffer.from('{"node":"n","join":"j"}')
    for (const reply of [undefined, `rt1.m.${sid}.${epoch}`, '$KV.rt1_streams.x'])
      bus.publish(`rt1.j.${sid}`, request, reply)
    expect([sent(), offered.joins]).toEqual([0, 0])
  })

  it('keeps discontinuity marks', async () => {
    const { edge, write } = offering()
    const one = edge()
    one.join()
    await write(samples.audio(0), { ...samples.audio(20), discontinuity: true }, samples.audio(40))
    expect(one.seen().map(({ discontinuity = false }) => discontinuity)).toEqual([false, true, false])
  })
})

describe('OfferedStream, when the network lags', () => {
  async function lagging() {
    const offer = offering()
    offer.bus.answersFlushes = false
    const one = offer.edge()
    one.join()
    await offer.write(samples.metadata(), samples.videoHeader(), samples.audioHeader(), samples.keyframe(0))
    await offer.bus.answer()
    return { ...offer, one }
  }

  it('leaves out pictures to the next keyframe after the network has caught up, and nothing else', async () => {
    const { bus, clock, write, one, offered, leftOut } = await lagging()
    for (let count = 0; count < 25; count += 1) await write(samples.interframe(40 + count, 100_000))
    expect(one.live.size).toBe(29)
    clock.advance(100)
    await write(
      samples.interframe(100),
      samples.audio(101),
      samples.keyframe(110),
      samples.metadata(),
      samples.videoHeader(111),
    )
    await write(samples.audio(112))
    expect(one.frames.slice(-2)).toMatchObject([
      {
        flags: FrameFlag.AudioOnly | FrameFlag.Discontinuity,
        seq: 30,
        messages: [{ timestamp: 101, discontinuity: true }, {}, {}],
      },
      { flags: FrameFlag.AudioOnly, messages: [{ timestamp: 112 }] },
    ])
    await bus.answer()
    await write(samples.interframe(120), samples.audio(121))
    expect(one.frames.at(-1)).toMatchObject({ flags: FrameFlag.AudioOnly, messages: [{ timestamp: 121 }] })
    await write(samples.keyframe(130), samples.interframe(131))
    expect(one.frames.at(-1)).toMatchObject({
      flags: FrameFlag.Key | FrameFlag.Discontinuity,
      messages: [{ timestamp: 130, discontinuity: true }, { timestamp: 131 }],
    })
    expect(offered.dropped).toBe(3)
    const pictures = [samples.interframe(100), samples.keyframe(110), samples.interframe(120)]
    const bytes = pictures.reduce((sum, { payload }) => sum + payload.length, 0)
    expect(leftOut).toEqual({ messages: 3, bytes })
    // What is left out has no number: for who follows there is no hole but the marked one.
    expect(() => one.seen()).not.toThrow()
  })

  it('does so when the network has not answered for a second, however little it was', async () => {
    const { clock, write, one } = await lagging()
    await write(samples.audio(0))
    clock.advance(150)
    await write(samples.interframe(20))
    clock.advance(999)
    await write(samples.interframe(40))
    expect(one.frames.at(-1)).toMatchObject({ flags: 0, messages: [{ timestamp: 40 }] })
    clock.advance(1)
    await write(samples.interframe(60), samples.audio(61))
    expect(one.frames.at(-1)).toMatchObject({ messages: [{ timestamp: 61 }] })
  })

  it('lets a burst pass, of which the network has had no time to answer', async () => {
    const { write, one } = await lagging()
    await write(samples.keyframe(40, 3_000_000), samples.interframe(80), samples.audio(81))
    expect(one.live.size).toBe(7)
  })

  it('does not hold more than 16 MB of pictures, in whatever time', async () => {
    const { write, one } = await lagging()
    for (let count = 0; count < 30; count += 1) await write(samples.keyframe(count, 1_000_000), samples.audio(count))
    const bytes = [...one.live.values()].reduce((sum, { payload }) => sum + payload.length, 0)
    expect(bytes).toBeLessThan(18_000_000)
    expect([...one.live.values()].filter(({ messageTypeId }) => messageTypeId === MessageType.Audio).length).toBe(31)
  })

  it('makes no snapshot meanwhile: who joins waits, and is served when it has caught up', async () => {
    const { bus, clock, write, edge } = await lagging()
    for (let count = 0; count < 25; count += 1) await write(samples.interframe(40 + count, 100_000))
    clock.advance(100)
    const two = edge()
    two.join()
    expect(two.answers).toMatchObject([{ mode: 'shared' }])
    clock.advance(100)
    expect(two.snapshots).toEqual([])
    await bus.answer()
    clock.advance(20)
    expect(two.snapshots).toMatchObject([{ isShared: true }])
  })

  it('leaves out no pictures because of a snapshot', async () => {
    const { clock, write, one, edge } = await lagging()
    await write(samples.keyframe(40, 1_900_000))
    const two = edge()
    clock.advance(20)
    two.join()
    clock.advance(90)
    await write(samples.interframe(60))
    expect(one.frames.at(-1)).toMatchObject({ flags: 0, messages: [{ timestamp: 60 }] })
  })

  it('sends nothing while there is no connection, which shows as a hole', async () => {
    const { bus, write, one } = await lagging()
    bus.isUp = false
    await write(samples.audio(10), samples.videoHeader(11))
    bus.isUp = true
    await write(samples.audio(20))
    expect(one.live.has(5)).toBe(false)
    expect(one.live.get(7)?.timestamp).toBe(20)
    expect(() => one.seen()).toThrow('message 5 is missing')
    expect(one.frames.at(-1)).toMatchObject({ headers: 4 })
  })
})
