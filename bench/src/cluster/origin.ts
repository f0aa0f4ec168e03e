import { natsFabric } from '@rtmpipe/cluster-nats'
import { releasePayload } from '@rtmpipe/chunk-stream'
import { type LiveStream, LiveStreams } from '@rtmpipe/session'
import { answerWith } from './answers.ts'
import { generate } from './generator.ts'
import { secret, streams } from './load.ts'

/** The node of the publishers: makes the streams and offers them. A process of its own, told what to do by messages. */

const fabric = natsFabric({ servers: process.argv[2] ?? '', secret })
await fabric.ready
// As a server has them: what all of them have is handed on together.
const live = new LiveStreams({ mergeWindow: 0 })
const offered: LiveStream[] = []
for (let index = 0; index < streams; index += 1) {
  const key = { app: 'bench', streamName: `stream${index}` }
  const claim = await fabric.claim(key)
  if (claim === undefined) throw new Error(`${key.streamName} is taken`)
  const stream = live.open(key.app, key.streamName)
  stream.startPublish()
  fabric.offer(claim, stream)
  offered.push(stream)
}
const made = generate(index => message => {
  offered[index]?.write(message)
  releasePayload(message.payload)
})
answerWith(() => ({ bytes: made() }))
