import type { BenchCase } from '../compliance.ts'
import assert from 'node:assert/strict'
import type { Duplex } from 'node:stream'
import { closed } from '../byte-stream.ts'
import { outcome, type PluginBench } from '../plugin-bench.ts'
import { sampleStream } from '../samples.ts'
import { within } from '../within.ts'

/** What a plugin does with streams from their beginning to their end. */
export const streamCases: readonly BenchCase<PluginBench>[] = [
  {
    name: 'passes the end of a publish through what it binds',
    async run(bench) {
      const server = await bench.server()
      const player = await outcome('play', server.play(bench.path))
      const publisher = await outcome('publish', server.publish(bench.path))
      if (typeof publisher !== 'string') {
        for (const message of sampleStream(20)) publisher.write(message)
        publisher.end()
        // A player may have a source of its own, which goes on as it likes.
        if (typeof player !== 'string' && !supplies(bench)) await within('the end to reach the player', ended(player))
      }
      if (typeof player !== 'string') player.destroy()
      await bench.close()
      for (const transform of bound(bench)) await closed(transform)
      assert.deepEqual(bench.faults, [])
    },
  },
  {
    name: 'lets go of what it bound when a client vanishes',
    async run(bench) {
      const server = await bench.server()
      const publisher = await outcome('publish', server.publish(bench.path))
      await outcome('play', server.play(bench.path))
      if (typeof publisher !== 'string') for (const message of sampleStream(5)) publisher.write(message)
      await bench.close()
      for (const transform of bound(bench)) await closed(transform)
      assert.deepEqual(bench.faults, [])
    },
  },
]

function bound({ answers }: PluginBench): Duplex[] {
  return answers.flatMap(({ hook, value }) => (hook.startsWith('bind') && value !== undefined ? [value as Duplex] : []))
}

function supplies({ answers }: PluginBench): boolean {
  return answers.some(({ hook, value }) => hook === 'sourcePlay' && value !== undefined)
}

function ended(stream: { resume(): unknown; once(event: 'end', listener: () => void): unknown }): Promise<void> {
  return new Promise(resolve => {
    stream.once('end', resolve)
    stream.resume()
  })
}
