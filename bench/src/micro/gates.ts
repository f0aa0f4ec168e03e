import { type Plugin, RtmpServer } from '@rtmpipe/session'
import { playCommands } from './command.ts'
import type { MicroTask } from './micro-task.ts'
import { StubClient } from './stub-client.ts'

const peer = { transport: 'bench', secure: false, remote: { address: 'bench', port: 0 } }

/** A client from its connection to Play.Start, with plugins that are asked twice and have no objection. */
export function gateTasks(): MicroTask[] {
  return [0, 1, 5].map(count => {
    const server = new RtmpServer({
      transports: [],
      plugins: Array.from({ length: count }, (_, index) => agreeable(`plugin ${index}`)),
    })
    const row = `${count} ${count === 1 ? 'plugin' : 'plugins'}`
    return { group: 'gates', row, run: () => play(server), figures: { cost: seconds => seconds * 1e6 } }
  })
}

async function play(server: RtmpServer): Promise<void> {
  const client = new StubClient()
  const started = new Promise<void>(resolve => {
    client.onSend = ({ payload }) => {
      if (payload.includes('NetStream.Play.Start')) resolve()
    }
  })
  server.serve(client, peer)
  client.say(...commands)
  await started
  client.leave()
}

const commands = playCommands('live', 'bench')

function agreeable(name: string): Plugin {
  return { name, onConnect: async () => {}, onPlay: async () => {} }
}
