import { describe, expect, it } from 'vitest'
import type { OutgoingMessage } from '../../src/contract/flow.ts'
import { sessionPair } from '../support/session-pair.ts'

/** 1 Mbit/s of pictures and sound, as a live encoder makes them. */
function stream(seed: number, delay: number) {
  const { simulation, initiator, responder } = sessionPair({
    seed,
    delay,
    loss: 0.05,
    reordering: { share: 0.05, from: 4, to: 34 },
  })
  const arrived = { video: 0, audio: 0, latestVideo: 0, latestAudio: 0 }
  responder.onFlow = flow => {
    const kind = flow.metadata.toString() as 'video' | 'audio'
    flow.onMessage = message => {
      arrived[kind] += 1
      const took = simulation.now - message.readDoubleBE(0)
      if (kind === 'video') arrived.latestVideo = Math.max(arrived.latestVideo, took)
      else arrived.latestAudio = Math.max(arrived.latestAudio, took)
    }
    return true
  }
  const audio = initiator.openFlow({ metadata: Buffer.from('audio'), priority: 5 })
  const video = initiator.openFlow({ metadata: Buffer.from('video'), priority: 4 })
  const write = (flow: typeof audio, length: number, startWithin: number, after?: OutgoingMessage) => {
    const message = Buffer.alloc(length)
    message.writeDoubleBE(simulation.now)
    return flow.write([message], { startWithin, finishWithin: startWithin + 100, after })
  }
  let before: OutgoingMessage | undefined
  // 12 s of 30 pictures a second, one of sixty 8 times as long.
  for (let picture = 0; picture < 360; picture += 1)
    simulation.at((picture * 1_000) / 30, () => {
      const isKey = picture % 60 === 0
      before = write(video, isKey ? 26_000 : 3_260, 2_000, isKey ? undefined : before)
    })
  for (let sound = 0; sound < 564; sound += 1) simulation.at(sound * 21.3, () => write(audio, 340, 2_200))
  simulation.run(16_000)
  return arrived
}

describe('1 Mbit/s over a line that loses 5 % and reorders 5 %', () => {
  it.each([20, 45, 90])('%i ms each way', delay => {
    for (const seed of [1, 2, 3, 4]) {
      const { video, audio, latestVideo, latestAudio } = stream(seed, delay)
      expect(video).toBeGreaterThanOrEqual(delay > 45 ? 330 : 355)
      expect(audio).toBe(564)
      expect(latestAudio).toBeLessThan(2_000)
      expect(latestVideo).toBeLessThan(delay > 45 ? 2_500 : 1_000)
    }
  })
})
