import type { BenchCase } from '@rtmpipe/testing/suite'
import type { FabricBench } from '../fabric-bench.ts'
import assert from 'node:assert/strict'
import { LiveStream, type StreamKey } from '@rtmpipe/session'
import { testKey } from '../fabric-bench.ts'
import { within } from '@rtmpipe/testing/suite'

/** Names that a careless encoding takes for one, or does not take at all. */
const oddKeys: readonly StreamKey[] = [
  { app: 'live', streamName: 'a/b' },
  { app: 'live/a', streamName: 'b' },
  { app: '', streamName: 'live/a/b' },
  { app: 'live', streamName: '__proto__' },
  { app: 'live', streamName: 'a b"\',{}[]|*.>:%00' },
  { app: 'live', streamName: 'ünïcødé ☂ 名' },
  { app: 'x'.repeat(512), streamName: '"'.repeat(512) },
]

/** Who may publish. */
export const claimCases: readonly BenchCase<FabricBench>[] = [
  {
    name: 'gives a name to exactly one of many who claim it at once',
    async run(bench) {
      const fabrics = await bench.fabrics(4)
      for (let round = 0; round < 10; round += 1) {
        const key = { app: 'live', streamName: `race${round}` }
        const asked = [...fabrics, ...fabrics].map(fabric => fabric.claim(key))
        const claims = (await within('all answers', Promise.all(asked))).filter(claim => claim !== undefined)
        assert.equal(claims.length, 1, `${claims.length} of 8 have got the name in round ${round}`)
      }
    },
  },
  {
    name: 'keeps names apart, however odd',
    async run(bench) {
      const [one, two] = await bench.fabrics(2)
      const joins = oddKeys.map(key => bench.join(two, key))
      for (const key of oddKeys) {
        const publish = await bench.publish(one, key)
        const joined = await joins[oddKeys.indexOf(key)]?.next(`${key.app} / ${key.streamName}`)
        assert.equal(joined?.epoch, publish.claim.epoch)
        assert.equal(await two.claim(key), undefined, 'a taken name was given away')
      }
    },
  },
  {
    name: 'gives a released name to the next, under a greater epoch',
    async run(bench) {
      const fabrics = await bench.fabrics(3)
      let last = -Infinity
      for (let round = 0; round < 12; round += 1) {
        const claim = await fabrics[round % 3]?.claim(testKey)
        assert.ok(claim, `the name was not free in round ${round}`)
        assert.ok(claim.epoch > last, `epoch ${claim.epoch} after ${last}`)
        assert.equal(claim.lost.aborted, false)
        last = claim.epoch
        await claim.release()
      }
    },
  },
  {
    name: 'does not let an old claim take the name from a new one',
    async run(bench) {
      const [one, two] = await bench.fabrics(2)
      const old = await bench.publish(one)
      await old.end()
      const next = await bench.publish(one)
      await old.claim.release()
      one.offer(old.claim, old.stream)
      assert.equal(await two.claim(testKey), undefined, 'the name was free')
      const { epoch } = await bench.join(two).next()
      assert.equal(epoch, next.claim.epoch, 'an old claim was offered')
      assert.equal(next.claim.lost.aborted, false)
    },
  },
  {
    name: 'does not show a claim before it is offered, nor after it was released',
    async run(bench) {
      const [one, two] = await bench.fabrics(2)
      const claim = await one.claim(testKey)
      const join = bench.join(two)
      assert.equal(await join.unexpected(), undefined, 'joined what was not offered')
      await claim?.release()
      const publish = await bench.publish(one)
      assert.equal((await join.next()).epoch, publish.claim.epoch)
      await publish.end()
      assert.equal(await bench.join(two).unexpected(), undefined, 'joined what was released')
    },
  },
  {
    name: 'gives a name to one of those who claim it when its publisher makes way, not when it stays',
    async run(bench) {
      const [one, ...others] = await bench.fabrics(3)
      const claim = await one.claim(testKey)
      assert.ok(claim)
      let asked = 0
      let makesWay = false
      const stream = new LiveStream(testKey.app, testKey.streamName)
      one.offer(claim, stream, () => {
        asked += 1
        if (makesWay) setImmediate(() => void claim.release())
        return makesWay
      })
      assert.equal(await within('an answer', others[0]?.claim(testKey)), undefined, 'the name was taken away')
      assert.equal(asked, 1, `the publisher was asked ${asked} times`)
      assert.equal(await within('an answer', one.claim(testKey)), undefined, 'the name was given twice')
      makesWay = true
      const claims = await within('answers', Promise.all(others.map(other => other.claim(testKey))))
      const [next, ...more] = claims.filter(each => each !== undefined)
      assert.ok(next && next.epoch > claim.epoch, 'nobody has got the name')
      assert.deepEqual(more, [], 'two have got the name')
    },
  },
]
