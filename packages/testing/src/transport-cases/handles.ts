import type { BenchCase } from '../compliance.ts'
import type { TransportBench } from '../transport-bench.ts'
import assert from 'node:assert/strict'
import { closed } from '../byte-stream.ts'
import { turns } from '../turns.ts'
import { deadline } from '../within.ts'
import { echoes } from './endings.ts'

/** What is left behind when all is closed. */
export const handleCases: readonly BenchCase<TransportBench>[] = [
  {
    name: 'leaves no socket, server or timer behind',
    async run(bench) {
      const before = resources()
      for (let round = 0; round < 3; round++) {
        const abort = new AbortController()
        const { client, server, listener, url } = await bench.connect({ signal: abort.signal })
        await echoes(client.stream, server.stream)
        for (const { stream } of [client, server]) stream.resume().end()
        await Promise.all([closed(client.stream), closed(server.stream)])
        await listener.close()
        await assert.rejects(bench.dial(url))
      }
      const patience = performance.now() + deadline.milliseconds
      while (surplus(before).length > 0 && performance.now() < patience) await turns(5)
      assert.deepEqual(surplus(before), [])
    },
  },
]

/** What keeps the process alive, counted by kind. */
function resources(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

function surplus(before: ReadonlyMap<string, number>): string[] {
  return [...resources()].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind]) => kind)
}
