import { setImmediate as turn } from 'node:timers/promises'
import { type LiveStream, RtmpServer } from '@rtmpipe/session'
import { samples } from '@rtmpipe/testing'
import { playCommands } from './command.ts'
import type { MicroTask } from './micro-task.ts'
import { NullByteStream } from './null-byte-stream.ts'
import { StubClient } from './stub-client.ts'

const players = 300
/** A stream of 2.5 Mbit/s as it comes: pictures, and sound in between. */
const keyframeInterval = 60
const peer = { transport: 'bench', secure: false, remote: { address: 'bench', port: 0 } }

/** One message to 300 players, sent at once: what the session costs, and what with the chunk connections it writes to. */
export async function fanOutTasks(): Promise<MicroTask[]> {
  const commands = playCommands('live', 'bench')
  const messages = await audience(server => {
    const client = new StubClient()
    server.serve(client, peer)
    client.say(...commands)
    return () => client.bytesSent
  })
  const bytes = await audience(server => {
    const stream = new NullByteStream(commands)
    server.accept({ ...peer, stream })
    return () => stream.bytesTaken
  })
  return [
    task('300 message connections that take everything', messages),
    task('300 chunk connections, byte streams that take everything', bytes),
  ]
}

function task(row: string, run: () => Promise<void>): MicroTask {
  return { group: 'fan-out', row, run, figures: { cost: seconds => (seconds / players) * 1e9 } }
}

/** A stream with players; returns what sends its next message to all of them. */
async function audience(join: (server: RtmpServer) => () => number): Promise<() => Promise<void>> {
  const server = new RtmpServer({ transports: [], mergeWindow: 0 })
  const counts = Array.from({ length: players }, () => join(server))
  const stream = server.streams.open('live', 'bench')
  while (stream.consumerCount < players) await turn()
  stream.startPublish()
  const next = publisher(stream)
  const before = counts.map(count => count())
  await next()
  if (!counts.every((count, index) => count() > (before[index] ?? 0))) throw new Error('a player got no message')
  return next
}

function publisher(stream: LiveStream): () => Promise<void> {
  let sent = 0
  return async () => {
    const timestamp = sent * 16
    const isVideo = sent % 2 === 0
    const isKeyframe = isVideo && (sent / 2) % keyframeInterval === 0
    sent += 1
    stream.write(
      isKeyframe
        ? samples.keyframe(timestamp, 40_000)
        : isVideo
          ? samples.interframe(timestamp, 9_000)
          : samples.audio(timestamp, 340),
    )
    // The stream sends at the end of this turn of the event loop.
    await turn()
  }
}
