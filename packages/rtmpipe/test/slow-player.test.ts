import { MemoryTransport, samples, stall, take } from '@rtmpipe/session/testing'
import { describe, expect, it } from 'vitest'
import { connect, createServer, type PlayInfo, type PlayStream, type RtmpMessage } from '../src/index.ts'

const frameLength = 20_000
const frames = 300
const gop = 10

describe('a player that does not read', () => {
  it('neither delays the others nor costs more memory than allowed, and goes on at a keyframe', async () => {
    const maxPlayerQueueBytes = 200_000
    const memory = new MemoryTransport()
    const plays: PlayInfo[] = []
    await using server = createServer({
      transports: [memory],
      plugins: [{ name: 'watch', onPlayStart: info => void plays.push(info) }],
      limits: { maxPlayerQueueBytes, maxPlayerLag: 3_600_000 },
      mergeWindow: 0,
    })
    const [listener] = await server.listen()
    const url = `memory://anywhere:${listener?.address.port}/live`
    const dial = () => connect(url, { transports: [memory] })
    await using frozenClient = await dial()
    await using healthyClient = await dial()
    await using publishing = await dial()
    const frozen = await frozenClient.play('name')
    const healthy = await healthyClient.play('name')
    const publisher = await publishing.publish('name')

    const standstill = stall(frozenClient.messages)
    for (let frame = 0; frame < frames; frame++) {
      publisher.write(sampleFrame(frame))
      // The next frame waits for the healthy player: a delay would be a hang.
      expect(frameOf((await take(healthy, 1))[0])).toBe(frame)
    }
    standstill.resume()
    const got = await readUntil(frozen, frames - 1)

    const [info] = plays
    expect(info?.dropped).toBe(frames - got.length)
    // What arrives now was held meanwhile: the queue, what the connection takes before, and what has room at the client.
    expect(got.length * frameLength).toBeLessThan(3 * maxPlayerQueueBytes + 40 * frameLength)
    expect(frames * frameLength).toBeGreaterThan(4 * (3 * maxPlayerQueueBytes + 40 * frameLength) - 1)
    expect(undecodable(got)).toEqual([])
  })
})

function sampleFrame(frame: number): RtmpMessage {
  return frame % gop === 0 ? samples.keyframe(frame * 40, frameLength) : samples.interframe(frame * 40, frameLength)
}

function frameOf(message: RtmpMessage | undefined): number {
  return (message?.timestamp ?? Number.NaN) / 40
}

async function readUntil(player: PlayStream, last: number): Promise<number[]> {
  const got: number[] = []
  while (got.at(-1) !== last) got.push(frameOf((await take(player, 1))[0]))
  return got
}

/** Frames that are not keyframes and whose predecessor is missing. */
function undecodable(got: readonly number[]): number[] {
  return got.filter((frame, index) => frame % gop !== 0 && got[index - 1] !== frame - 1)
}
