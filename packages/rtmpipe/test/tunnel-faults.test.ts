import { samples, take } from '@rtmpipe/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BENDS, BREAKS, type Fault, FaultRelay } from '../../../test/support/fault-relay.ts'
import { Random } from '../../../test/support/random.ts'
import { connect, type RtmpMessage } from '../src/index.ts'
import { AllSchemes } from './support/all-schemes.ts'

const COUNT = 150

/** Audio and video, each with a timestamp and a length of its own. */
function media(random: Random): RtmpMessage[] {
  return Array.from({ length: COUNT }, (_, index) => {
    if (index % 30 === 0) return samples.keyframe(index * 20, 5_000 + random.below(5_000))
    const length = 50 + random.below(2_000)
    return index % 2 === 0 ? samples.interframe(index * 20, length) : samples.audio(index * 20, length)
  })
}

/** What both ends must agree on. */
function shown({ messageTypeId, timestamp, payload }: RtmpMessage): string {
  return `${messageTypeId} ${timestamp} ${payload.toString('base64')}`
}

async function relayTo(url: string, seed: number, faults: readonly Fault[]): Promise<FaultRelay> {
  const random = new Random(seed)
  const relay = new FaultRelay(Number(new URL(url).port), random, path =>
    path.startsWith('/open') ? [] : faults.filter(() => random.below(6) === 0),
  )
  await relay.start()
  onTestFinished(() => relay.stop())
  return relay
}

/** `restarts`: milliseconds for which both proxies are away, one time after the other. */
async function publishesAndPlays(
  faults: readonly Fault[],
  seed: number,
  restarts: readonly number[] = [],
): Promise<void> {
  await using server = await AllSchemes.listen()
  const up = await relayTo(server.urls.rtmpt, seed, faults)
  const down = await relayTo(server.urls.rtmpt, seed + 1_000, faults)
  await using publishing = await connect(`rtmpt://127.0.0.1:${up.port}/live`)
  await using playing = await connect(`rtmpt://127.0.0.1:${down.port}/live`)
  const player = await playing.play('name')
  const publisher = await publishing.publish('name')
  const random = new Random(seed)
  const sent = media(random)
  const received = take(player, COUNT)
  let back: Promise<unknown> = Promise.resolve()
  for (const [index, message] of sent.entries()) {
    publisher.write(message)
    const away = index % 50 === 25 ? restarts[Math.floor(index / 50)] : undefined
    if (away !== undefined) {
      await back
      await Promise.all([up.stop(), down.stop()])
      back = sleep(away).then(() => Promise.all([up.start(), down.start()]))
    }
    if (random.below(3) === 0) await sleep(random.below(8))
  }
  await back
  expect((await received).map(shown)).toEqual(sent.map(shown))
  for (const fault of faults) expect((up.met.get(fault) ?? 0) + (down.met.get(fault) ?? 0)).toBeGreaterThan(0)
}

describe('publishing and playing over RTMPT, through proxies at fault, are exact', () => {
  it.each([...BENDS, ...BREAKS].map(fault => [fault]))('%s', fault => publishesAndPlays([fault], 1))

  it('two faults at once', async () => {
    const all: readonly Fault[] = [...BENDS, ...BREAKS]
    for (let seed = 0; seed < 6; seed++) {
      const random = new Random(seed)
      const first = random.of(all)
      await publishesAndPlays([first, random.of(all.filter(fault => fault !== first))], seed)
    }
  })

  it('proxies that are away for 0.3, 2 and 10 s', async () => {
    await Promise.all([publishesAndPlays([], 1, [300, 2_000]), publishesAndPlays([], 2, [10_000])])
  })
})

function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}
