import { once } from 'node:events'
import type { PlayStream, PublishStream } from 'rtmpipe'
import { samples, take } from '@rtmpipe/session/testing'
import { describe, expect, test } from 'vitest'
import { WorkerServer } from './support/worker-server.ts'

describe('a worker that is killed', () => {
  test('loses its own connections only, and is replaced', async () => {
    await using server = await WorkerServer.start(3)
    const [here, there] = [await server.playOn(0, 'name'), await server.playOn(1, 'name')]
    const gone = await server.playOn(2, 'name')
    const publisher = await (await server.clientOn(0)).publish('name')
    await heard(publisher, [here, there, gone], 0)
    const lost = once(gone, 'close')
    server.kill(2)
    await lost
    await heard(publisher, [here, there], 100)

    await server.process.program.waitForLine(/"worker":2.*a worker died/)
    const successor = await server.playOn(2, 'name')
    await heard(publisher, [here, there, successor], 200)
    await server.process.stop()
  })

  test('with a publisher leaves the players of others waiting, who go on with it wherever it returns', async () => {
    await using server = await WorkerServer.start(3)
    const players = [await server.playOn(0, 'name'), await server.playOn(2, 'name')]
    await heard(await (await server.clientOn(1)).publish('name'), players, 0)
    server.kill(1)
    await server.process.program.waitForLine(/"worker":1.*a worker died/)
    const second = await (await server.clientOn(2)).publish('name')
    await heard(second, players, 500, 40)
    second.end()
    await server.process.program.waitForLine(/"worker":2.*"publish ended"/)
    await heard(await (await server.clientOn(1)).publish('name'), players, 0, 80)
    for (const player of players) expect(player.destroyed).toBe(false)
  })

  test('again and again, while clients come and go, takes nobody with it', async () => {
    await using server = await WorkerServer.start(3)
    const player = await server.playOn(0, 'name')
    let stop = false
    const busy = Promise.all([1, 2].map(slot => comeAndGo(server, slot, () => stop)))
    for (const [round, slot] of [1, 2, 1, 2].entries()) {
      const before = server.workers.get(slot)
      server.kill(slot)
      // A worker that dies within its first second is started again after one.
      await until(() => (server.workers.get(slot) ?? before) !== before)
      await server.clientOn(slot)
      expect(round).toBeLessThan(4)
    }
    stop = true
    await busy
    await heard(await (await server.clientOn(2)).publish('name'), [player], 0)
    await server.process.stop()
  })
})

/** All players get what is published now, under that time. */
async function heard(
  publisher: PublishStream,
  players: PlayStream[],
  timestamp: number,
  as = timestamp,
): Promise<void> {
  // The first message may come before a worker has joined; a keyframe is kept for it.
  publisher.write(samples.keyframe(timestamp))
  for (const player of players) expect((await take(player, 1))[0]?.timestamp).toBe(as)
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 10))
}

/** Publishes and plays names that others use too, until told to stop. */
async function comeAndGo(server: WorkerServer, slot: number, stopped: () => boolean): Promise<void> {
  for (let round = 0; !stopped(); round += 1) {
    try {
      const client = await server.clientOn(slot)
      const player = await client.play(`busy${round % 3}`)
      player.on('error', () => {})
      const publisher = await client.publish(`busy${(round + slot) % 3}`)
      publisher.on('error', () => {})
      publisher.write(samples.keyframe(0))
      client.messages.destroy()
    } catch {
      // Refused, or killed with the worker.
    }
  }
}
