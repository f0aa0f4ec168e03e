import { type Plugin, RtmpServer } from '@rtmpipe/session'
import { command, playCommands } from './command.ts'
import type { MicroTask } from './micro-task.ts'
import { StubClient } from './stub-client.ts'

const peer = { transport: 'bench', secure: false, remote: { address: 'bench', port: 0 } }

/** From a play command to its Play.Start, with plugins that have no objection. */
export async function gateTasks(): Promise<MicroTask[]> {
  const counts = [0, 1, 5]
  return Promise.all(
    counts.map(async count => {
      const row = `${count} ${count === 1 ? 'plugin' : 'plugins'} with an async onPlay`
      return { group: 'gates', row, run: await player(count), figures: { cost: (seconds: number) => seconds * 1e6 } }
    }),
  )
}

/** A client that plays again each time it is called. */
async function player(plugins: number): Promise<() => Promise<void>> {
  const server = new RtmpServer({
    transports: [],
    plugins: Array.from({ length: plugins }, (_, index) => agreeable(`plugin ${index}`)),
    limits: { maxCommandsPerMinute: Number.POSITIVE_INFINITY },
  })
  const client = new StubClient()
  server.serve(client, peer)
  const started = (): Promise<void> =>
    new Promise(resolve => {
      client.onSend = ({ payload }) => {
        if (payload.includes('NetStream.Play.Start')) resolve()
      }
    })
  const play = command(1, 'play', 3, null, 'bench')
  const [connect, createStream] = playCommands('live', 'bench')
  if (connect === undefined || createStream === undefined) throw new Error('no commands')
  const first = started()
  client.say(connect, createStream, play)
  await first
  return () => {
    const again = started()
    client.say(play)
    return again
  }
}

function agreeable(name: string): Plugin {
  return { name, onPlay: async () => {} }
}
