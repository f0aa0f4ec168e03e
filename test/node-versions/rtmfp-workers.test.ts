import { sampleStream, samples, take } from '@rtmpipe/testing'
import { connect, type PlayStream } from 'rtmpipe'
import { expect, it } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { requireNode } from '../support/node-binary.ts'
import { ServerProcess } from '../support/server-process.ts'
import { words } from '../support/words.ts'

it.runIf(process.platform === 'linux').for(['22.23.3', '24.9.0'])(
  'several workers share a port of RTMFP, and their streams, where Node can: %s',
  { timeout: 200_000 },
  async (version, context) => {
    const node = await requireNode(context, version)
    await using server = await ServerProcess.start({ node, args: words`--workers 2 --rtmfp ${await freePort()}` })
    const [, url = ''] = await server.program.waitForLine(/^rtmpipe listening on (rtmfp:\/\/\S+)$/)
    // The system chooses the worker by the address of the client: of sixteen, all at one of two would be strange.
    const clients = await Promise.all(Array.from({ length: 16 }, () => connect(`${url}/live`)))
    const [publishing, ...others] = clients
    const players: PlayStream[] = []
    const publisher = await publishing?.publish('shared')
    publisher?.write(samples.keyframe(0))
    for (const client of others) {
      const player = await client.play('shared')
      await take(player, 1)
      players.push(player)
    }
    // Sessions stay where they are.
    const sent = sampleStream(50).slice(3)
    for (const message of sent) publisher?.write(message)
    for (const player of players) await take(player, sent.length)
    for (const client of clients) await client.close()
    server.program.kill('SIGTERM')
    const { stderr } = await server.program.finish(0)
    const workers = stderr.flatMap(line => {
      if (!line.includes('"connected"')) return []
      const { worker, transport } = JSON.parse(line) as { worker: number; transport: string }
      return transport === 'rtmfp' ? [worker] : []
    })
    expect(workers).toHaveLength(16)
    expect(new Set(workers)).toEqual(new Set([0, 1]))
  },
)
