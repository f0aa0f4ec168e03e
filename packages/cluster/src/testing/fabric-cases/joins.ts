import type { BenchCase } from '@rtmpipe/testing/suite'
import assert from 'node:assert/strict'
import { type RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples, sampleStream } from '@rtmpipe/testing'
import type { Fabric } from '../../fabric.ts'
import type { FabricBench } from '../fabric-bench.ts'
import { assertLateSample, assertSame } from '../same-messages.ts'
import { readAll } from '../test-join.ts'
import { until } from '@rtmpipe/testing/suite'

/** Who sees what, and when. */
export const joinCases: readonly BenchCase<FabricBench>[] = [
  {
    name: 'lets those who waited have a publish from its first message to its last',
    async run(bench) {
      const [one, two] = await bench.fabrics(2)
      const join = bench.join(two)
      const publish = await bench.publish(one)
      const { messages } = await join.next()
      publish.write(...sampleStream(100))
      await publish.end()
      assertSame(await readAll(messages), sampleStream(100))
    },
  },
  {
    name: 'gives those who join late what a late player gets, without hole or double',
    async run(bench) {
      const [one, two] = await bench.fabrics(2)
      const publish = await bench.publish(one)
      const received: Promise<RtmpMessage[]>[] = []
      for (const [index, message] of sampleStream(200).entries()) {
        publish.write(message)
        if (index % 20 === 8) received.push(readNext(bench, two))
        received.at(-1)?.catch(() => {})
        await new Promise(resolve => setImmediate(resolve))
      }
      // When the last one is there, so are those before it.
      await bench.join(two).next()
      await publish.end()
      for (const messages of await Promise.all(received)) assertLateSample(messages, 200)
    },
  },
  {
    name: 'shows each publish once to everyone who follows the name, and no other',
    async run(bench) {
      const [one, two] = await bench.fabrics(2)
      const joins = [bench.join(two), bench.join(two), bench.join(await bench.fabric())]
      for (let round = 0; round < 5; round += 1) {
        const elsewhere = await bench.publish(one, { app: 'live', streamName: `other${round}` })
        const publish = await bench.publish(one)
        // Comes while the others have it already, and must not make them join again.
        joins.push(bench.join(two))
        const joined = await Promise.all(joins.map(join => join.next()))
        publish.write(samples.audio(round))
        await publish.end()
        await elsewhere.end()
        for (const { epoch, messages } of joined) {
          assert.equal(epoch, publish.claim.epoch)
          assertSame(await readAll(messages), [samples.audio(round)])
        }
      }
    },
  },
  {
    name: 'never joins what the own process publishes',
    async run(bench) {
      const [one, two] = await bench.fabrics(2)
      const [own, other] = [bench.join(one), bench.join(two)]
      const ours = await bench.publish(one)
      assert.equal((await other.next()).epoch, ours.claim.epoch)
      const late = bench.join(one)
      await ours.end()
      const theirs = await bench.publish(two)
      assert.equal((await own.next()).epoch, theirs.claim.epoch)
      assert.equal((await late.next()).epoch, theirs.claim.epoch)
    },
  },
  {
    name: 'carries every message bit for bit: long, empty, far in time, with a discontinuity mark',
    async run(bench) {
      const [one, two] = await bench.fabrics(2)
      const publish = await bench.publish(one)
      const { messages } = await bench.join(two).next()
      const sent: RtmpMessage[] = [
        samples.keyframe(0, 3_000_000),
        { ...samples.audio(0xffffff), discontinuity: true },
        { ...samples.audio(0x1000000), payload: Buffer.alloc(0) },
        samples.audio(0xfffffffe),
        samples.audio(0xfffffffe),
        samples.interframe(0xffffffff),
        { ...samples.keyframe(10, 0xffffff), discontinuity: true },
        { ...samples.interframe(10), discontinuity: true },
        samples.metadata(),
      ]
      const received: RtmpMessage[] = []
      messages.on('data', (message: RtmpMessage) => received.push(message))
      for (const [index, message] of sent.entries()) {
        publish.write(message)
        await new Promise(resolve => setImmediate(resolve))
        // What comes behind one that takes the network a while may be left out.
        if (message.payload.length > 1_000_000) await until('a long message', () => received.length > index)
      }
      await publish.end()
      await until('the end of the joined messages', () => messages.readableEnded)
      assertSame(received, sent)
    },
  },
]

/** All messages of the next publish; read while it goes on. */
async function readNext(bench: FabricBench, fabric: Fabric): Promise<RtmpMessage[]> {
  const { messages } = await bench.join(fabric).next()
  return readAll(messages)
}
