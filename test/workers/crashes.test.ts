import { once } from 'node:events'
import type { PlayStream, PublishStream } from 'rtmpipe'
import { samples, take } from '@rtmpipe/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WorkerServer } from './support/worker-server.ts'

let server: WorkerServer
beforeAll(async () => void (server = await WorkerServer.start(3)))
afterAll(() => server?.[Symbol.asyncDispose]())

describe('a worker that is killed', () => {
  test('loses its own connections only, and is replaced', async () => {
    const [here, there] = [await server.playOn(0, 'first'), await server.playOn(1, 'first')]
    const unlucky = await server.clientOn(2)
    const gone = await unlucky.play('first')
    const publisher = await server.publishOn(0, 'first')
    await heard(publisher, [here, there, gone], 0)
    const lost = once(unlucky.messages, 'close')
    server.kill(2)
    await lost
    await heard(publisher, [here, there], 100)

    await server.process.program.waitForLine(/"worker":2.*a worker died/)
    const successor = await server.playOn(2, 'first')
    await heard(publisher, [here, there, successor], 200)
  })

  test('with a publisher leaves the players of others waiting, who go on with it wherever it returns', async () => {
    const players = [await server.playOn(0, 'second'), await server.playOn(2, 'second')]
    await heard(await server.publishOn(1, 'second'), players, 0)
    server.kill(1)
    await server.process.program.waitForLine(/"worker":1.*a worker died/)
    const second = await server.publishOn(2, 'second')
    await heard(second, players, 500, 40)
    second.end()
    await server.process.program.waitForLine(/"worker":2.*"publish ended"/)
    await heard(await server.publishOn(1, 'second'), players, 0, 80)
    for (const player of players) expect(player.destroyed).toBe(false)
  })

  test('again and again, while clients come and go, takes nobody with it', async () => {
    const player = await server.playOn(0, 'third')
    let stop = false
    const busy = comeAndGo(() => stop)
    for (let round = 0; round < 2; round += 1) {
      const before = server.workers
      for (const slot of [1, 2]) server.kill(slot)
      for (const slot of [1, 2]) await until(() => ![undefined, before.get(slot)].includes(server.workers.get(slot)))
      for (const slot of [1, 2]) await server.clientOn(slot)
    }
    stop = true
    await busy
    await heard(await server.publishOn(2, 'third'), [player], 0)
    await server.process.stop()
    expect((await server.process.program.exited).stderr.filter(line => !line.startsWith('{'))).toEqual([])
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
  for (const player of players) {
    const [message] = await take(player, 1)
    // A late player begins with what was there before.
    if (message?.timestamp !== as) expect((await take(player, 1))[0]?.timestamp).toBe(as)
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 10))
}

/** Publishes and plays, wherever it comes out, until told to stop. */
async function comeAndGo(stopped: () => boolean): Promise<void> {
  for (let round = 0; !stopped(); round += 1) {
    try {
      const [client] = await server.client()
      const player = await client.play(`busy${round % 2}`)
      player.on('error', () => {})
      const publisher = await client.publish(`busy${(round + 1) % 2}`)
      publisher.on('error', () => {})
      publisher.write(samples.keyframe(0))
      // Leaves after the next round has begun.
      setTimeout(() => client.messages.destroy(), 20)
    } catch {
      // The name is taken, or the worker was killed.
    }
  }
}
