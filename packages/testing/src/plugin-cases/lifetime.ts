import type { BenchCase } from '../compliance.ts'
import assert from 'node:assert/strict'
import { deny } from '@rtmpipe/session'
import { outcome, type PluginBench } from '../plugin-bench.ts'
import { resources, surplus } from '../resources.ts'
import { samples } from '../samples.ts'
import type { TestServer } from '../test-server.ts'
import { turns } from '../turns.ts'
import { deadline, within } from '../within.ts'

/** How a plugin lives on while servers and clients come and go. */
export const lifetimeCases: readonly BenchCase<PluginBench>[] = [
  {
    name: 'serves two servers at a time, and goes on when one of them closes',
    async run(bench) {
      const [one, two] = [await bench.server(), await bench.server()]
      const before = await answersTo(bench, one)
      assert.deepEqual(await answersTo(bench, two), before, 'the second server is served in another way')
      await one[Symbol.asyncDispose]()
      assert.deepEqual(await answersTo(bench, two), before, 'a closed server is missed by the other')
      assert.deepEqual(bench.faults, [])
    },
  },
  {
    name: 'forgets clients that have left or vanished',
    async run(bench) {
      const server = await bench.server()
      const before = await answersTo(bench, server)
      for (let round = 0; round < 3; round += 1) {
        const publisher = await outcome('publish', server.publish(bench.path))
        await outcome('play', server.play(bench.path))
        if (typeof publisher !== 'string') publisher.write(samples.keyframe(0))
        await vanish(server)
        assert.deepEqual(
          await answersTo(bench, server),
          before,
          `in round ${round} the same client is answered differently`,
        )
      }
      assert.deepEqual(bench.faults, [])
    },
  },
  {
    name: 'takes back what it did for clients that another plugin refuses',
    async run(bench) {
      let refuses = false
      const server = await bench.server({
        name: 'refuses',
        onPublishAccepted: () => (refuses ? deny('NetStream.Publish.Denied', 'refused') : undefined),
        onPlayAccepted: () => (refuses ? deny('NetStream.Play.Failed', 'refused') : undefined),
      })
      const before = await answersTo(bench, server)
      refuses = true
      for (let round = 0; round < 3; round += 1) await answersTo(bench, server)
      refuses = false
      assert.deepEqual(await answersTo(bench, server), before, 'a client is answered differently afterwards')
      assert.deepEqual(bench.faults, [])
    },
  },
  {
    name: 'bears a server that drains',
    async run(bench) {
      const server = await bench.server()
      await outcome('publish', server.publish(bench.path))
      const drained = server.server.drain()
      await vanish(server)
      await within('the drain to end, onClose included', drained)
      assert.deepEqual(bench.faults, [])
    },
  },
  {
    name: 'leaves no socket, server or timer behind',
    async run(bench) {
      const before = resources()
      await answersTo(bench, await bench.server())
      await bench.close()
      const patience = performance.now() + deadline.milliseconds
      while (surplus(before).length > 0 && performance.now() < patience) await turns(5)
      assert.deepEqual(surplus(before), [])
      assert.deepEqual(bench.faults, [])
    },
  },
]

/** How a publisher and a player fare, who both leave again. */
async function answersTo(bench: PluginBench, server: TestServer): Promise<string[]> {
  const answers: string[] = []
  for (const kind of ['publish', 'play'] as const) {
    const stream = await outcome<unknown>(kind, server[kind](bench.path))
    answers.push(typeof stream === 'string' ? `${kind}: ${stream}` : `${kind}: accepted`)
  }
  await vanish(server)
  return answers
}

/** Every client is gone from one moment to the next; resolves when the server has noticed. */
async function vanish({ server, clients }: TestServer): Promise<void> {
  for (const { messages } of clients) messages.destroy()
  const patience = performance.now() + deadline.milliseconds
  while (server.connections.size > 0 && performance.now() < patience) await turns(1)
  assert.equal(server.connections.size, 0, 'a connection stays open without its client')
}
