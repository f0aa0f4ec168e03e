import { natsFabric } from '@rtmpipe/cluster-nats'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { type EdgeAnswer, now, type Question, secret, streams, timeOffset } from './load.ts'

/** A node of players, without the players. A process of its own, told what to do by messages. */

/** Of headers, which have no time in them. */
const shortest = 100

const fabric = natsFabric({ servers: process.argv[2] ?? '', secret })
await fabric.ready
let bytes = 0
let latencies: number[] = []
let isOpen = false
const heard = new Set<number>()

async function follow(index: number): Promise<void> {
  const key = { app: 'bench', streamName: `stream${index}` }
  for await (const { messages } of fabric.join(key, { signal: new AbortController().signal })) {
    messages.on('data', ({ payload }: RtmpMessage) => {
      heard.add(index)
      bytes += payload.length
      if (isOpen && payload.length > shortest) latencies.push(now() - payload.readDoubleLE(timeOffset))
    })
    messages.on('error', () => {})
  }
}

for (let index = 0; index < streams; index += 1) void follow(index)
process.on('message', (question: Question) => {
  const { holes, late, rejoins, lost } = fabric.stats
  const answer: EdgeAnswer = { bytes, latencies, faults: holes + late + rejoins + lost, streams: heard.size }
  isOpen = question === 'open'
  bytes = 0
  latencies = []
  process.send?.(answer)
  if (question === 'close') process.exit()
})
process.send?.('ready')
