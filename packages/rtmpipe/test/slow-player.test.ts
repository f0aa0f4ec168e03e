import type { Duplex } from 'node:stream'
import { faulty, MemoryTransport, samples, stall, take } from '@rtmpipe/testing'
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
    let bytes: Duplex | undefined
    const seen = faulty(memory, stream => (bytes = stream))
    await using frozenClient = await connect(url, { transports: [seen] })
    await using healthyClient = await connect(url, { transports: [memory] })
    await using publishing = await connect(url, { transports: [memory] })
    const frozen = await frozenClient.play('name')
    const healthy = await healthyClient.play('name')
    const publisher = await publishing.publish('name')

    if (bytes === undefined) throw new Error('the transport given was not used')
    const standstill = stall(bytes)
    for (let frame = 0; frame < frames; frame++) {
      publisher.write(sampleFrame(frame))
      // The next frame waits for the healthy player: a delay would be a hang.
      expect(frameOf((await take(healthy, 1))[0])).toBe(frame)
    }
    standstill.resume()
    const got = await readUntil(frozen, frames - 1)

    const [info] = plays
    expect(info?.dropped).toBe(frames - got.length)
    // What comes now was held meanwhile: by the queue, by the connection before it, and a few frames on their way.
    expect(got.length * frameLength).toBeLessThan(maxPlayerQueueBytes + 128 * 1024 + 4 * frameLength)
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
