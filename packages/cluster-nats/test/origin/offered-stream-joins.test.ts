import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples, sampleStream } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { FrameFlag, FrameKind } from '../../src/wire/frame.ts'
import { epoch, offering, shape, sid } from './offering.ts'
import type { TestEdge } from './test-edge.ts'

describe('OfferedStream, when edges join', () => {
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
})
