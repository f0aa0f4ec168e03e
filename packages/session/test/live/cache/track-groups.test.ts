import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GopCache } from '../../../src/live/cache/gop-cache.ts'
import { LagQueue } from '../../../src/live/lag/lag-queue.ts'
import type { LagLimits } from '../../../src/contract/slow-consumer.ts'
import { LiveStream } from '../../../src/live/live-stream.ts'
import { isPictureRole, MediaRole, mediaRole } from '../../../src/protocol/media-role.ts'
import { maxCachedTracks, pictureTracks } from '../../../src/protocol/message-tracks.ts'
import { slowConsumerPolicy } from '../../../src/live/lag/slow-consumer.ts'
import { StreamCache } from '../../../src/live/cache/stream-cache.ts'
import type { Subscription } from '../../../src/contract/stream-view.ts'
import { samples } from '@rtmpipe/testing'
import { track, tracks } from '../support/tracks.ts'

const { audio } = samples
const { header, inter, key } = track

function cacheOf(...messages: RtmpMessage[]): GopCache {
  const cache = new GopCache()
  for (const message of messages) cache.add(message, mediaRole(message))
  return cache
}

/** Like `0K 1i a`: track and kind. */
function shown(messages: readonly RtmpMessage[]): string {
  return messages.map(one).join(' ')
}
function one(message: RtmpMessage): string {
  const role = mediaRole(message)
  if (role === MediaRole.Audio) return 'a'
  const ids = pictureTracks(message).map(({ trackId }) => trackId)
  return `${ids.join('+')}${role === MediaRole.Keyframe ? 'K' : role === MediaRole.VideoHeader ? 'h' : 'i'}`
}

describe('a group of many tracks', () => {
  it.each<[what: string, messages: RtmpMessage[], kept: string, isPartial: boolean]>([
    [
      'starts with the keyframe of the lowest track',
      [key(0, 0), key(1, 0), inter(0, 40), key(1, 200), inter(1, 240), key(0, 400), key(1, 400)],
      '0K 1K',
      false,
    ],
    ['is not ended by keyframes of others', [key(0, 0), key(1, 0), inter(0, 400), key(1, 400)], '0K 1K 0i 1K', false],
    [
      'has no pictures of a track before its keyframe',
      [key(0, 0), inter(1, 0), audio(1), inter(0, 40)],
      '0K a 0i',
      true,
    ],
    ['has a track from its keyframe on', [key(0, 0), inter(1, 0), key(1, 40), inter(1, 80)], '0K 1K 1i', false],
    [
      'begins with keyframes of others that come just before',
      [
        key(0, 0),
        key(1, 0),
        inter(0, 940),
        inter(1, 940),
        key(1, 960),
        audio(970),
        inter(0, 980),
        key(0, 1000),
        inter(1, 1040),
      ],
      '1K a 0K 1i',
      false,
    ],
    [
      'but not with those that come long before',
      [key(0, 0), key(1, 0), key(1, 899), inter(1, 950), key(0, 1000)],
      '0K',
      true,
    ],
    ['knows that a track is missing that had pictures before', [key(0, 0), key(1, 0), key(0, 1000)], '0K', true],
    ['starts with the lowest there is', [key(2, 0), key(1, 500), key(2, 700), key(1, 900)], '1K', true],
    ['starts with a lower track when it comes', [key(1, 0), inter(1, 40), key(0, 500), inter(0, 540)], '0K 0i', true],
    ['may begin with a message for many tracks', [tracks.key([0, 1], 0), tracks.inter([0, 1], 40)], '0+1K 0+1i', false],
    [
      'ends when a message for many tracks cannot be decoded for all',
      [key(0, 0), tracks.inter([0, 1], 40), inter(0, 80)],
      '',
      true,
    ],
    [
      'has none of a message for tracks it knows nothing of',
      [key(0, 0), tracks.inter([1, 2], 40), inter(0, 80)],
      '0K 0i',
      true,
    ],
  ])('%s', (_what, messages, kept, isPartial) => {
    const cache = cacheOf(...messages)
    expect(shown(cache.messages)).toBe(kept)
    expect(cache.isPartial).toBe(isPartial)
  })

  it('goes on with the others after its default track has ended', () => {
    const cache = cacheOf(key(0, 0), key(1, 0), key(1, 8_000), key(1, 16_000))
    expect(shown(cache.messages)).toBe('')
    for (const message of [key(1, 17_000), inter(1, 17_040)]) cache.add(message, mediaRole(message))
    expect(shown(cache.messages)).toBe('1K 1i')
  })

  it.each([
    ['alone before', [key(0, 0), inter(0, 20_000)]],
    ['not alone before', [key(0, 0), key(1, 0), inter(1, 20_000), inter(0, 20_000)]],
  ])('goes on without a default track that ended when nothing was kept, %s', (_when, before) => {
    const cache = cacheOf(...before, key(1, 21_000), inter(1, 21_040))
    expect(shown(cache.messages)).toBe('1K 1i')
    for (const message of [key(1, 40_000), key(1, 41_000)]) cache.add(message, mediaRole(message))
    expect(shown(cache.messages)).toBe('1K')
  })

  it('has no more tracks than the limit', () => {
    const many = Array.from({ length: maxCachedTracks + 1 }, (_, id) => key(id, 0))
    const cache = cacheOf(...many)
    expect(shown(cache.messages)).toBe(shown(many.slice(0, maxCachedTracks)))
    expect(cache.isPartial).toBe(true)
    cache.clear()
    expect(cache.isPartial).toBe(false)
  })

  it.each([
    ['of a track it has', header(1, 40), ''],
    ['of a track it has not', header(2, 40), '0K 1K'],
    ['that it had already', header(0, 40), '0K 1K'],
    ['of many tracks', tracks.header([1, 2], 40), ''],
  ])('a new header %s', (_what, message, kept) => {
    const cache = new StreamCache({ maxBytes: 1e6, maxDuration: 1e4, maxMessages: 100 })
    for (const each of [header(0), key(0, 0), key(1, 0), message]) cache.add(each, mediaRole(each))
    expect(shown(cache.snapshot().filter(each => isPictureRole(mediaRole(each))))).toBe(kept)
    expect(cache.isMidGroup).toBe(kept === '')
  })
})

function emptied(queue: LagQueue): RtmpMessage[] {
  const messages: RtmpMessage[] = []
  for (let message = queue.shift(); message !== undefined; message = queue.shift()) messages.push(message)
  return messages
}

function readAll(player: Subscription): RtmpMessage[] {
  const messages: RtmpMessage[] = []
  for (let message = player.read(); message !== null; message = player.read()) messages.push(message as RtmpMessage)
  return messages
}

function queueOf(messages: readonly RtmpMessage[], limits?: LagLimits): LagQueue {
  const queue = new LagQueue(limits)
  for (const message of messages) queue.push(message, message.timestamp)
  return queue
}

describe('a player that joins', () => {
  it('gets a track whose keyframes are elsewhere from its next one on', () => {
    const stream = new LiveStream('app', 'name')
    stream.startPublish()
    const write = (...messages: RtmpMessage[]) => messages.forEach(message => stream.write(message))
    write(header(0), header(1), key(1, 0), key(0, 500), inter(1, 540))
    const player = stream.subscribe()
    write(inter(0, 580), inter(1, 580), key(1, 1000), inter(0, 1000), inter(1, 1040))
    stream.endPublish()
    expect(shown(readAll(player))).toBe('0h 1h 0K 0i 1K 0i 1i')
  })
})

describe('a lagging player of many tracks', () => {
  it.each<[what: string, before: RtmpMessage[], after: string, then: RtmpMessage[], thenAfter: string]>([
    [
      'goes on at the newest group of the lowest track',
      [key(0, 0), key(1, 0), inter(0, 40), key(0, 1000), key(1, 1000), inter(1, 1040)],
      '0K 1K 1i',
      [inter(0, 1080), inter(1, 1080)],
      '0i 1i',
    ],
    [
      'goes on with keyframes just before it',
      [key(0, 0), key(1, 0), key(1, 960), inter(0, 970), key(0, 1000), inter(1, 1040)],
      '1K 0K 1i',
      [],
      '',
    ],
    [
      'waits for each track',
      [key(0, 0), key(1, 500), key(0, 1000), inter(1, 1040)],
      '0K',
      [inter(1, 1080), inter(0, 1080), key(1, 1500), inter(1, 1540)],
      '0i 1K 1i',
    ],
    [
      'waits for all where the lowest has no keyframe',
      [inter(0, 0), key(1, 0), inter(1, 40), audio(50)],
      'a',
      [inter(1, 80), inter(0, 80), key(1, 500), inter(0, 510), inter(1, 540), key(0, 1000), inter(0, 1040)],
      '1K 1i 0K 0i',
    ],
    [
      'keeps the newest header of each track',
      [header(1), header(0), header(1, 10, '82'), key(0, 20), key(1, 20), inter(0, 40)].concat(key(0, 1000)),
      '0h 1h 0K',
      [],
      '',
    ],
    [
      'takes a message for many tracks when it has the keyframes of all',
      [key(0, 0), tracks.key([0, 1], 40), key(0, 1000), tracks.inter([0, 1], 1040), inter(0, 1080)],
      '0K',
      [tracks.key([0, 1], 2000), tracks.inter([0, 1], 2040)],
      '0+1K 0+1i',
    ],
  ])('%s', (_what, before, after, then, thenAfter) => {
    const queue = queueOf(before)
    queue.dropVideoToKeyframe()
    expect(shown(emptied(queue))).toBe(after)
    for (const message of then) queue.push(message)
    expect(shown(emptied(queue))).toBe(thenAfter)
  })

  it('waits for each track after it joined, and for a whole group after that', () => {
    const queue = new LagQueue()
    queue.waitForKeyframe()
    for (const message of [header(0), header(1), key(0, 0), inter(0, 40), inter(1, 40), key(1, 80)]) queue.push(message)
    expect(queue.waitsForKeyframe).toBe(true)
    queue.push(key(0, 1000))
    expect(queue.waitsForKeyframe).toBe(true)
    queue.push(key(0, 2000))
    expect(queue.waitsForKeyframe).toBe(false)
    expect(shown(emptied(queue))).toBe('0h 1h 0K 0i 1K 0K 0K')
  })

  it.each([0, 1])('still waits for a keyframe of track %d when video before is dropped', id => {
    const queue = queueOf([key(id, 0), inter(id, 40)])
    queue.waitForKeyframe()
    queue.push(inter(id, 400))
    queue.dropVideoToKeyframe()
    for (const message of [inter(id, 440), key(id, 800), inter(id, 840)]) queue.push(message)
    expect(shown(emptied(queue))).toBe(`${id}K ${id}i ${id}K ${id}i`)
    expect(queue.waitsForKeyframe).toBe(id !== 0)
  })

  it('waits as long as a track has had no keyframe', () => {
    const queue = new LagQueue()
    queue.waitForKeyframe()
    const group = (timestamp: number) => [key(0, timestamp), inter(1, timestamp), inter(0, timestamp + 40)]
    for (const message of [header(1), ...group(0), ...group(1000), ...group(2000)]) queue.push(message)
    expect(queue.waitsForKeyframe).toBe(true)
    // It has ended.
    for (const message of [key(0, 3000), key(0, 4000)]) queue.push(message)
    expect(queue.waitsForKeyframe).toBe(false)
    expect(shown(emptied(queue))).toBe('1h 0K 0i 0K 0i 0K 0i 0K 0K')
  })
})

const ids = fc.constantFrom([0], [0], [1], [1], [2], [0, 1], [1, 2])
const isKeyframe = fc.constantFrom(true, false, false, false)
/** Pictures of tracks 0 to 2, alone and together; every track has some in every group. */
const pictures = fc
  .array(
    fc.record({ ids, isKeyframe, others: fc.tuple(isKeyframe, isKeyframe), pause: fc.integer({ min: 0, max: 60 }) }),
    {
      maxLength: 100,
    },
  )
  .map(steps => {
    let timestamp = 0
    return steps.flatMap(step => {
      timestamp += step.pause
      const picture = (id: number, isKey: boolean) => (isKey ? key : inter)(id, timestamp)
      const [first = 0, second] = step.ids
      const message =
        second === undefined
          ? picture(first, step.isKeyframe)
          : (step.isKeyframe ? tracks.key : tracks.inter)(step.ids, timestamp)
      if (!step.isKeyframe || first !== 0) return [message]
      return [message, picture(1, step.others[0]), picture(2, step.others[1])]
    })
  })

describe('whatever comes', () => {
  it('a late player gets what it can decode, of every track', () => {
    fc.assert(
      fc.property(pictures, fc.nat(200), (all, joinedAt) => {
        const cache = new StreamCache({ maxBytes: 1e6, maxDuration: 1_000, maxMessages: 40 })
        const queue = new LagQueue()
        const heads = [header(0), header(1), header(2)]
        const live = all.slice(joinedAt)
        for (const message of [...heads, ...all.slice(0, joinedAt)]) cache.add(message, mediaRole(message))
        // A player to whom nothing is left out gets all that follows as it is.
        if (cache.isMidGroup) queue.waitForKeyframe()
        for (const message of [...cache.snapshot(), ...live]) queue.push(message)
        const out = emptied(queue).filter(message => isPictureRole(mediaRole(message)))
        expectDecodable(all, out, knownTo(all.slice(0, joinedAt)))
      }),
      { numRuns: 300 },
    )
  })

  it('a lagging player gets what it can decode, of every track', () => {
    const limits = { maxBytes: 1_200, maxDuration: 2_000 }
    fc.assert(
      fc.property(pictures, fc.array(fc.nat(2), { minLength: 303, maxLength: 303 }), (all, taken) => {
        const queue = new LagQueue(limits)
        const drop = slowConsumerPolicy('drop')
        const out: RtmpMessage[] = []
        const given = [key(0, 0), key(1, 0), key(2, 0), ...all]
        given.forEach((message, index) => {
          queue.push(message, message.timestamp)
          if (queue.isOverLimit) drop(queue)
          for (let count = taken[index] ?? 0; count > 0; count -= 1) {
            const next = queue.shift()
            if (next !== undefined) out.push(next)
          }
        })
        out.push(...emptied(queue))
        expectDecodable(given, out, new Set([0, 1, 2]))
      }),
      { numRuns: 300 },
    )
  })
})

function knownTo(messages: readonly RtmpMessage[]): Set<number> {
  return new Set(messages.flatMap(message => pictureTracks(message).map(({ trackId }) => trackId)))
}

const memories: unknown[] = []

/** Tells messages apart, however often they are taken out of the cache: each has a place of its own in memory. */
function placeOf({ payload }: RtmpMessage): string {
  if (!memories.includes(payload.buffer)) memories.push(payload.buffer)
  return `${memories.indexOf(payload.buffer)} ${payload.byteOffset}`
}

/** Every picture that came out follows the one before it of each of its tracks, back to a keyframe. */
function expectDecodable(all: readonly RtmpMessage[], out: readonly RtmpMessage[], trackIds: Set<number>): void {
  const cameOut = new Set(out.map(placeOf))
  const decodable = new Set<number>()
  for (const message of all) {
    const isKeyframe = mediaRole(message) === MediaRole.Keyframe
    for (const { trackId } of pictureTracks(message)) {
      if (!trackIds.has(trackId)) continue
      if (!cameOut.has(placeOf(message))) decodable.delete(trackId)
      else if (isKeyframe) decodable.add(trackId)
      else expect(decodable, shown(all)).toContain(trackId)
    }
  }
}
