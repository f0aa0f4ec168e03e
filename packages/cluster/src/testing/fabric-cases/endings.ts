import type { BenchCase } from '@rtmpipe/testing/suite'
import type { FabricBench } from '../fabric-bench.ts'
import assert from 'node:assert/strict'
import { samples, sampleStream, take } from '@rtmpipe/testing'
import { testKey } from '../fabric-bench.ts'
import { assertSame } from '../same-messages.ts'
import { readAll } from '../test-join.ts'
import { resources, surplus } from '@rtmpipe/testing/suite'
import { until, within } from '@rtmpipe/testing/suite'

/** How joins end, and who notices. */
export const endingCases: readonly BenchCase<FabricBench>[] = [
  {
    name: 'ends a join that is aborted, and lets what was joined go on',
    async run(bench) {
      const [one, two] = await bench.fabrics(2)
      const [waiting, other] = [bench.join(two), bench.join(two, { app: 'live', streamName: 'never' })]
      const publish = await bench.publish(one)
      const { messages } = await waiting.next()
      waiting.abort()
      other.abort()
      await Promise.all([waiting.ended(), other.ended()])
      publish.write(...sampleStream(10))
      await publish.end()
      assertSame(await readAll(messages), sampleStream(10))
    },
  },
  {
    name: 'joins nothing when it is aborted already',
    async run(bench) {
      const [one, two] = await bench.fabrics(2)
      const publish = await bench.publish(one)
      const signal = AbortSignal.abort()
      for await (const { messages } of two.join(testKey, { signal })) {
        messages.destroy()
        assert.fail('joined all the same')
      }
      assert.equal(publish.stream.consumerCount, 0)
    },
  },
  {
    name: 'lets one leave without a trace, while the others go on',
    async run(bench) {
      const [one, two] = await bench.fabrics(2)
      const publish = await bench.publish(one)
      const { messages } = await bench.join(two).next()
      // Read while it goes on: who does not read for seconds may be given less.
      const received = messages.toArray()
      received.catch(() => {})
      for (let round = 0; round < 200; round += 1) {
        const join = bench.join(two)
        if (round % 2 === 0) await join.next()
        join.leave()
        publish.write(samples.audio(round))
      }
      await until('those who left to be forgotten', () => publish.stream.consumerCount === 1)
      await publish.end()
      assert.equal((await within('the end of what goes on', received)).length, 200)
    },
  },
  {
    name: 'fails what was joined of a process that is gone, and frees its names',
    async run(bench) {
      const [one, two, three] = await bench.fabrics(3)
      const join = bench.join(two)
      const publish = await bench.publish(one)
      publish.write(...sampleStream(10))
      const { messages } = await join.next()
      await take(messages, 5)
      await one[Symbol.asyncDispose]()
      await assert.rejects(readAll(messages), 'ended as if the publish had')
      const next = await bench.publish(three ?? two)
      const joined = await join.next('the publish that takes its place')
      assert.equal(joined.epoch, next.claim.epoch)
      next.write(samples.audio(0))
      await next.end()
      assertSame(await readAll(joined.messages), [samples.audio(0)])
    },
  },
  {
    name: 'joins again what failed for one who goes on reading',
    async run(bench) {
      const [one, two] = await bench.fabrics(2)
      const publish = await bench.publish(one)
      const join = bench.join(two)
      const first = await join.next()
      first.messages.destroy(new Error('this end has failed'))
      const second = await join.next('the same publish again')
      assert.equal(second.epoch, first.epoch)
      publish.write(samples.audio(0))
      await publish.end()
      assertSame(await readAll(second.messages), [samples.audio(0)])
    },
  },
  {
    name: 'bounds what waits for one who does not read, and holds nobody up',
    async run(bench) {
      const [one, two] = await bench.fabrics(2)
      const publish = await bench.publish(one)
      const [slow, quick] = [await bench.join(two).next(), await bench.join(two).next()]
      let last = 0
      quick.messages.on('data', message => (last = message.timestamp))
      const picture = samples.keyframe(0, 2 ** 20)
      for (let timestamp = 1; timestamp <= 160; timestamp += 1) {
        publish.write({ ...picture, timestamp })
        await until('the quick one to get it', () => last === timestamp)
      }
      await publish.end()
      const received = await readAll(slow.messages).catch((error: unknown) => error)
      if (received instanceof Error) return
      assert.ok(Array.isArray(received))
      assert.ok(received.length <= 96, `${received.length} MiB waited for one who did not read`)
      assert.equal(received.at(-1)?.timestamp, 160, 'the newest messages are missing')
      const marks = received.filter(({ discontinuity }) => discontinuity).length
      assert.ok(marks > 0, 'a hole without a discontinuity mark')
    },
  },
  {
    name: 'ends every join when it is disposed, and leaves no socket, server or timer behind',
    async run(bench) {
      const before = resources()
      const [one, two] = await bench.fabrics(2)
      const [waiting, joining] = [bench.join(two, { app: 'live', streamName: 'never' }), bench.join(two)]
      const publish = await bench.publish(one)
      const { messages } = await joining.next()
      await bench.dispose()
      await bench.dispose()
      await Promise.all([waiting.ended(), joining.ended(), bench.join(two).ended()])
      await assert.rejects(readAll(messages))
      await within('a late release', publish.claim.release())
      // The waiting itself has timers.
      const left = () => surplus(before, ['Timeout', 'Immediate'])
      await until(`${left().join(', ')} to be gone`, () => left().length === 0)
    },
  },
]
