import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messageTransform } from '../src/index.ts'
import { Keeper } from './support/reused-memory/keeper.ts'
import { Marker } from './support/reused-memory/marked.ts'
import { Poison } from './support/reused-memory/poison.ts'
import { RawChunks } from './support/reused-memory/raw-chunks.ts'
import { send, Stage, type StageOptions, turn } from './support/reused-memory/stage.ts'

/** What a publisher sends, one after the other: a kind of message and its length. */
type Script = readonly (readonly [what: keyof typeof makes, length: number])[]

const makes = {
  audio: (marker: Marker, length: number) => marker.audio(length % 400),
  interframe: (marker: Marker, length: number) => marker.picture(2, length % 18_000),
  disposable: (marker: Marker, length: number) => marker.picture(3, length % 4_000),
  keyframe: (marker: Marker, length: number) => marker.picture(1, length % 60_000),
  longKeyframe: (marker: Marker, length: number) => marker.picture(1, 65_000 + (length % 200_000)),
  hugeKeyframe: (marker: Marker, length: number) => marker.picture(1, 1024 * 1024 + length),
  /** What players with AMF3 get in another form. */
  data: (marker: Marker, length: number) => marker.data(length % 900),
  audioHeader: (marker: Marker, length: number) => marker.audioHeader(length % 500),
  /** Some take more than half of their memory. */
  videoHeader: (marker: Marker, length: number) => marker.videoHeader(length % 60_000),
  repeatedHeader: (marker: Marker) => marker.repeatedHeader(),
}

const script: fc.Arbitrary<Script> = fc.array(
  fc.tuple(
    fc.oneof(
      { arbitrary: fc.constantFrom('audio' as const, 'interframe' as const), weight: 30 },
      { arbitrary: fc.constantFrom('disposable' as const, 'keyframe' as const), weight: 6 },
      {
        arbitrary: fc.constantFrom('audioHeader' as const, 'videoHeader' as const, 'repeatedHeader' as const),
        weight: 2,
      },
      { arbitrary: fc.constantFrom('longKeyframe' as const, 'data' as const), weight: 2 },
    ),
    fc.nat(262_143),
  ),
  { minLength: 100, maxLength: 160, size: 'max' },
)

const plan = fc.record({
  script,
  /** Where late players come, in percent of the script. */
  joins: fc.array(fc.nat(95), { minLength: 2, maxLength: 3 }),
  /** Time of the first message: near where timestamps are extended, or begin anew. */
  start: fc.constantFrom(0, 0xfff000, 0xfffffc00),
  /** Bytes of the chunks that are written by hand. */
  chunkSize: fc.constantFrom(128, 1_000, 4_096, 65_536),
  isTakenOver: fc.boolean(),
})
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never

function* begin(marker: Marker): Generator<RtmpMessage> {
  // The header that late players get if no other comes: nearly as long as the first block.
  yield marker.videoHeader(7_000)
  yield marker.audioHeader(60)
  yield marker.picture(1, 30_000)
  yield marker.audio(300)
}

function* act(marker: Marker, steps: Script): Generator<RtmpMessage> {
  for (const [what, length] of steps) yield makes[what](marker, length)
}

/** The last picture and the last audio. */
function end(marker: Marker): [RtmpMessage, RtmpMessage] {
  return [marker.picture(1, 90_000), marker.audio(100)]
}

/** Runs the script, with late players on their way. */
async function perform(
  marker: Marker,
  { script, joins }: Plan,
  join: (place: number) => Promise<unknown>,
  write: (messages: Iterable<RtmpMessage>) => Promise<void>,
): Promise<void> {
  const joining: Promise<unknown>[] = []
  let from = 0
  for (const percent of joins.toSorted((a, b) => a - b)) {
    const to = Math.round((script.length * percent) / 100)
    await write(act(marker, script.slice(from, to)))
    joining.push(join(percent))
    from = to
  }
  await write(act(marker, script.slice(from)))
  await Promise.all(joining)
}

/** Somebody who gets messages in a way of his own, who is alone with it: what others keep is not used again for anybody. */
const receivers: Readonly<Record<string, (stage: Stage, name: string) => unknown>> = {
  subscribed: (stage, name) => stage.subscribe(name, true),
  inside: (stage, name) => stage.playInProcess(name),
  changed: (stage, name) => stage.play('player with a Transform', `${name}?transform`, true),
  amf3: (stage, name) => stage.play('player with AMF3', name, true, { objectEncoding: 3 }),
  tunnelled: (stage, name) => stage.playTunnelled(name),
  recorded: () => {},
}

async function received(stage: Stage, plan: Plan, name: string, publisherId: number): Promise<void> {
  const marker = new Marker(publisherId, plan.start)
  const { publisher } = await stage.publish(name)
  await stage.play('player', name, true)
  await receivers[name]?.(stage, name)
  await send(publisher, begin(marker))
  await perform(
    marker,
    plan,
    at => stage.play(`late player (${at} %)`, name, false),
    messages => send(publisher, messages),
  )
  const last = end(marker)
  await send(publisher, last)
  await all(stage, name, last)
}

function everyReceiver(stage: Stage, plan: Plan): Promise<unknown> {
  return Promise.all(Object.keys(receivers).map((name, index) => received(stage, plan, name, 40 + index)))
}

/** A player that does not read, beside others who do. */
async function slow(stage: Stage, plan: Plan): Promise<void> {
  const marker = new Marker(2, plan.start)
  const { publisher } = await stage.publish('slow')
  const prompt = await stage.play('player', 'slow', true)
  const { lag, resume } = await stage.playSlowly('slow')
  const write = (messages: Iterable<RtmpMessage>) => send(publisher, messages)
  await write(begin(marker))
  await perform(marker, plan, at => stage.play(`late player (${at} %)`, 'slow', false), write)
  await write([makes.hugeKeyframe(marker, 5), marker.audio(200)])
  // What the system takes for a player that does not read is a matter of the system.
  while (lag() < 384 * 1024) await write([marker.picture(2, 9_000), marker.audio(300), marker.picture(2, 900)])
  await write(act(marker, plan.script))
  const last = end(marker)
  await write(last)
  await prompt.has(...last)
  resume()
  await all(stage, 'slow', last)
}

/** Two tracks whose keyframes come together: the other one's first, when a group is there already. */
async function tracks(stage: Stage, plan: Plan): Promise<void> {
  const marker = new Marker(3, plan.start)
  const { publisher } = await stage.publish('tracks')
  const prompt = await stage.play('player', 'tracks', true)
  await send(publisher, begin(marker))
  const late: { keeper: Keeper; keyframes: RtmpMessage[] }[] = []
  for (let group = 0; group < 6; group += 1) {
    // One after the other, so that only the cache still has the first.
    const keyframes = [marker.otherPicture(1, 70_000 + group), marker.picture(1, 66_000 + 1_000 * group)]
    for (const keyframe of keyframes) {
      await send(publisher, [keyframe])
      await prompt.has(keyframe)
      for (let turns = 0; turns < 5; turns += 1) await turn()
    }
    const frames = Array.from({ length: 20 }, (_, index) => [
      marker.picture(2, 400 * index),
      marker.audio(100),
      marker.otherPicture(index % 3 === 0 ? 3 : 2, 200 * index),
    ])
    await send(publisher, frames.flat())
    late.push({ keeper: await stage.play(`late player (${group})`, 'tracks', false), keyframes })
    // Another group's keyframes, at other times than each other.
    if (group % 3 === 2) await send(publisher, [...act(marker, plan.script.slice(0, 40)), marker.otherPicture(1, 300)])
  }
  const last = end(marker)
  await send(publisher, last)
  await all(stage, 'tracks', last)
  if (!stage.hasGopCache) return
  for (const { keeper, keyframes } of late)
    expect(keyframes.map(keyframe => keeper.holds(keyframe))).toEqual([true, true])
}

/** A name that goes from one publisher to the next. */
async function returning(stage: Stage, plan: Plan): Promise<void> {
  const first = new Marker(10, plan.start)
  const { publisher, client } = await stage.publish('returning')
  const prompt = await stage.play('player', 'returning', true)
  await send(publisher, begin(first))
  await perform(
    first,
    plan,
    at => stage.play(`late player (${at} %)`, 'returning', false),
    messages => send(publisher, messages),
  )
  if (!plan.isTakenOver) {
    const last = end(first)
    await send(publisher, last)
    await prompt.has(...last)
    await client.close()
  }
  const next = new Marker(11)
  const after = await stage.publish('returning')
  await send(after.publisher, begin(next))
  await perform(
    next,
    plan,
    at => stage.play(`later player (${at} %)`, 'returning', false),
    messages => send(after.publisher, messages),
  )
  const last = end(next)
  await send(after.publisher, last)
  await all(stage, 'returning', last)
}

/** Messages that a plugin's Transform keeps. */
async function transformed(stage: Stage, plan: Plan): Promise<void> {
  const marker = new Marker(20, plan.start)
  const { publisher } = await stage.publish('transformed')
  await stage.play('player', 'transformed', true)
  await send(publisher, begin(marker))
  await perform(
    marker,
    plan,
    at => stage.play(`late player (${at} %)`, 'transformed', false),
    messages => send(publisher, messages),
  )
  const last = end(marker)
  // The Transform is one message behind.
  await send(publisher, [...last, marker.audio(100)])
  await all(stage, 'transformed', last)
}

/** Chunks as other publishers may write them. */
async function written(stage: Stage, plan: Plan): Promise<void> {
  const marker = new Marker(30, plan.start)
  const { socket } = await stage.publish('written')
  const chunks = new RawChunks(plan.chunkSize)
  await stage.play('player', 'written', true)
  const write = async (parts: Iterable<Buffer>) => {
    let count = 0
    for (const bytes of parts) {
      count += 1
      if (!socket.write(bytes)) await new Promise(resolve => socket.once('drain', resolve))
      if (count % 7 === 0) await turn()
    }
  }
  await write([chunks.begin(), ...[...begin(marker)].flatMap(message => chunks.interleaved([message]))])
  for (let round = 0; round < 5; round += 1) {
    const abandoned = Buffer.alloc(2 * plan.chunkSize + 100_000 * round, 0x27)
    await write(chunks.interleaved([marker.audio(90), marker.picture(1, 140_000 * round + 900)]))
    await write(chunks.interleaved([marker.picture(2, 500), marker.otherPicture(1, 3_000 * round + 600)]))
    await write(
      chunks.aborted(
        { messageTypeId: MessageType.Video, messageStreamId: 1, timestamp: 0, payload: abandoned },
        marker.picture(2, 5_000),
      ),
    )
    await write(
      chunks.aggregated([marker.audio(300), marker.picture(2, 2_000), marker.audio(10), marker.picture(2, 40)]),
    )
    await write(chunks.interleaved([makes.longKeyframe(marker, round * 30_000)]))
    await write(chunks.interleaved([marker.audio(300), marker.picture(2, 30_000)]))
    if (round === 1) await write(chunks.interleaved([makes.hugeKeyframe(marker, 5_000)]))
    await stage.play(`late player (${round})`, 'written', false)
  }
  const last = end(marker)
  await write(last.flatMap(message => chunks.interleaved([message])))
  await all(stage, 'written', last)
}

/** Everybody who has that stream has its end. */
async function all(stage: Stage, name: string, last: readonly RtmpMessage[]): Promise<void> {
  const keepers = stage.keepers
    .map(({ keeper }) => keeper)
    .filter(keeper => new RegExp(`of ${name}\\b`).test(keeper.name))
  expect(keepers.length).toBeGreaterThan(1)
  for (const keeper of keepers) await keeper.has(...last)
}

const streams = [everyReceiver, slow, tracks, returning, transformed, written]

describe('memory that is used again is read by nobody', () => {
  const settings: StageOptions[] = [
    { gopCache: true, mergeWindow: 0 },
    { gopCache: true, mergeWindow: 20 },
    { gopCache: false, mergeWindow: 0 },
    { gopCache: false, mergeWindow: 20 },
  ]
  it.each(settings)(
    'GOP cache $gopCache, window $mergeWindow ms',
    async options => {
      using poison = new Poison()
      const run = async (plan: Plan) => {
        await using stage = await Stage.set(options)
        await Promise.all(streams.map(stream => stream(stage, plan)))
        expect(await stage.faults()).toEqual([])
        expect(poison.faults).toEqual([])
      }
      await fc.assert(fc.asyncProperty(plan, run), { numRuns: 2, endOnFailure: true })
      for (const count of Object.values(poison.count)) expect(count).toBeGreaterThan(50)
    },
    180_000,
  )
})

it('all memory of payloads comes back where nobody keeps messages', async () => {
  using poison = new Poison()
  await using stage = await Stage.set({ gopCache: true, mergeWindow: 20 })
  const marker = new Marker(1)
  const { socket, client } = await stage.publish('fleeting')
  const chunks = new RawChunks(4_096)
  const player = await stage.play('player', 'fleeting', true)
  const begun = [...begin(marker), marker.otherPicture(1, 90_000), marker.picture(2, 40_000)]
  // So long that it is put into longer memory on its way.
  const abandoned = { ...begun[2]!, payload: Buffer.alloc(900_000, 0x27) }
  const last = end(marker)
  socket.write(chunks.begin())
  for (const bytes of chunks.interleaved(begun)) socket.write(bytes)
  for (const bytes of chunks.aborted(abandoned, marker.picture(2, 7_000))) socket.write(bytes)
  for (const message of last) for (const bytes of chunks.interleaved([message])) socket.write(bytes)
  await player.has(...last)
  expect(poison.heldBlocks).toBeGreaterThan(0)
  await client.close()
  await stage.close()
  expect(poison.heldBlocks).toBe(0)
  expect(poison.faults).toEqual([])
})

it('payloads stay as they are where a stage may keep them', async () => {
  using poison = new Poison()
  const seen = new Keeper('stage')
  const create = () => messageTransform(message => (seen.take(message), message))
  await using stage = await Stage.set({ stages: [{ name: 'keeping', position: 'afterDemux', create }] })
  const marker = new Marker(1)
  const { publisher } = await stage.publish('staged')
  const player = await stage.play('player', 'staged', true)
  await send(publisher, begin(marker))
  for (let index = 0; index < 100; index += 1) await send(publisher, [marker.picture(2, 3_000), marker.audio(200)])
  const last = end(marker)
  await send(publisher, last)
  await player.has(...last)
  await seen.has(...last)
  expect(seen.faults(true)).toEqual([])
  expect(poison.count.payloads).toBe(0)
})
