import { setTimeout as pause } from 'node:timers/promises'
import { connect, type PublishStream, type RtmpClient, StatusError } from 'rtmpipe'
import { expect, test } from 'vitest'
import { Arrivals, report } from '../support/cluster/arrivals.ts'
import { CutNetwork } from '../support/cluster/cut-network.ts'
import { NumberedPublisher } from '../support/cluster/numbered.ts'
import { requireNats } from '../support/nats-server.ts'
import { ServerProcess } from '../support/server-process.ts'

const env = { RTMPIPE_CLUSTER_NATS_SECRET: 'the secret of this test only' }

test('a machine that is cut off goes on for its own; its name can be taken, and is when it is back', {
  timeout: 90_000,
}, async context => {
  const network = await CutNetwork.create(requireNats(context)).catch((error: Error) => {
    console.warn(`skipping ${context.task.name}: no network namespaces here: ${error.message.split('\n')[0]}`)
    return context.skip('no network namespaces here')
  })
  await using _ = network
  const start = (line: 'first' | 'second') =>
    ServerProcess.start({ args: ['--cluster', network.url(line), '--merge-window', '0'], env })
  await using cutOff = await start('first')
  await using well = await start('second')
  const clients: RtmpClient[] = []
  const client = async ({ urls }: ServerProcess): Promise<RtmpClient> => {
    const made = await connect(`${urls.rtmp}/live`)
    clients.push(made)
    return made
  }
  const publish = async (machine: ServerProcess): Promise<PublishStream> =>
    (await (await client(machine)).publish('show')).on('error', () => {})
  const play = async (machine: ServerProcess) =>
    new Arrivals(await (await client(machine)).play('show', { follow: true }))
  /** As an encoder does. */
  const publishAgain = async (machine: ServerProcess): Promise<PublishStream> => {
    for (;;) {
      try {
        return await publish(machine)
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        await pause(500)
      }
    }
  }
  try {
    const [local, remote] = [await play(cutOff), await play(well)]
    using _first = new NumberedPublisher([await publish(cutOff)])
    await Promise.all([local, remote].map(player => player.next(({ isKey }) => isKey)))
    const from = performance.now()
    await network.cut('first')
    const publisher = await publishAgain(well)
    const taken = performance.now()
    using _second = new NumberedPublisher([publisher])
    await remote.next(({ isKey }) => isKey)
    expect(local.missing).toBe(0)
    expect(local.last?.at).toBeGreaterThan(taken - 500)
    await network.heal('first')
    const healed = performance.now()
    await cutOff.program.waitForLine(/"stream":"show".*"publish ended"/)
    const ended = performance.now()
    await local.next(({ isKey, sentAt }) => isKey && sentAt > ended)
    report('cut off', { 'name taken ms': taken - from, 'ended when healed ms': ended - healed })
    expect(publisher.destroyed).toBe(false)
    expect(ended - healed).toBeLessThan(5_000)
    expect(local.stream.destroyed || remote.stream.destroyed).toBe(false)
  } finally {
    for (const { messages } of clients) messages.destroy()
  }
})
