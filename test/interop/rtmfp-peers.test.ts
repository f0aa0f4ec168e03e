import { fileURLToPath } from 'node:url'
import { describe, expect, it, type TestContext } from 'vitest'
import { type Host, NatNetworks, type Ports } from '../support/nat-networks.ts'
import { requireClient } from '../support/programs.ts'
import type { RunningProgram } from '../support/running-program.ts'

const url = `rtmfp://${NatNetworks.serverAddress}/live`
const messages = 200

async function networks(context: TestContext, ports?: Ports): Promise<NatNetworks> {
  await requireClient(context, 'nftables')
  return NatNetworks.create(ports).catch((error: Error) => {
    console.warn(`skipping ${context.task.name}: no network namespaces here: ${error.message.split('\n')[0]}`)
    return context.skip('no network namespaces here')
  })
}

function script(on: NatNetworks, host: Host, name: string, ...args: readonly string[]): RunningProgram {
  const file = fileURLToPath(new URL(`../support/peers/${name}.js`, import.meta.url))
  return on.run(host, { name, file: process.execPath, args: [file, ...args] })
}

describe.each<[where: string, publisher: Host, viewer: Host]>([
  ['each behind a router of its own', 'first', 'third'],
  ['the same the other way round', 'third', 'first'],
  ['both behind the same router', 'first', 'second'],
])('%s', (_where, publisher, viewer) => {
  it('peers find each other, and the server sends no media', async context => {
    await using all = await networks(context)
    await using server = script(all, 'server', 'server')
    await server.waitForLine(/^ready$/)
    await using source = script(all, publisher, 'publisher', url)
    const [, id = ''] = await source.waitForLine(/^id ([0-9a-f]{64})$/)
    await using player = script(all, viewer, 'viewer', url, id, String(messages), '8000')
    const [, delay] = await player.waitForLine(/^introduced after (\d+) ms$/)
    console.log(`${publisher} and ${viewer}: introduced after ${delay} ms`)
    await player.waitForLine(new RegExp(`^got ${messages} messages$`))
    await player.finish()
    source.kill('SIGTERM')
    await source.finish()
    server.kill('SIGTERM')
    const { stdout } = await server.finish()
    const sent = stdout.flatMap(line => /^sent (\d+) bytes to/.exec(line)?.[1] ?? [])
    expect(sent).toHaveLength(2)
    // A message has 1,002.
    for (const bytes of sent) expect(Number(bytes)).toBeLessThan(messages * 50)
  })
})

it('peers behind routers that choose a port for each destination are told that they can not reach each other', async context => {
  await using all = await networks(context, 'others for each')
  await using server = script(all, 'server', 'server')
  await server.waitForLine(/^ready$/)
  await using source = script(all, 'first', 'publisher', url)
  const [, id = ''] = await source.waitForLine(/^id ([0-9a-f]{64})$/)
  await using player = script(all, 'third', 'viewer', url, id, String(messages), '2000')
  await player.waitForLine(/^failed with RTMP_ERR_PEER_UNREACHABLE$/)
})
