import { natsFabric } from '@rtmpipe/cluster-nats'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { Reception } from './reception.ts'
import { secret, streams } from './load.ts'

/** A node of players, without the players. A process of its own, told what to do by messages. */

const fabric = natsFabric({ servers: process.argv[2] ?? '', secret })
await fabric.ready
const reception = new Reception(() => {
  const { holes, late, rejoins, lost } = fabric.stats
  return holes + late + rejoins + lost
})

async function follow(index: number): Promise<void> {
  const key = { app: 'bench', streamName: `stream${index}` }
  for await (const { messages } of fabric.join(key, { signal: new AbortController().signal })) {
    messages.on('data', ({ payload }: RtmpMessage) => reception.take(index, payload))
    messages.on('error', () => {})
  }
}

for (let index = 0; index < streams; index += 1) void follow(index)
reception.begin()
