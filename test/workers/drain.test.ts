import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { sampleStream, send, take } from '@rtmpipe/testing'
import { connect } from 'rtmpipe'
import { describe, expect, test } from 'vitest'
import { environmentOf, isAlive } from './support/linux-process.ts'
import { WorkerServer } from './support/worker-server.ts'

describe('SIGUSR2 with workers', () => {
  test('ends each worker when its clients have left, and starts no other', async () => {
    await using server = await WorkerServer.start(2)
    const { program } = server.process
    const [encoder, viewer] = [await server.clientOn(1), await server.clientOn(0)]
    const publisher = await encoder.publish('name')
    const player = await viewer.play('name')
    const drained = [0, 1].map(slot => program.waitForLine(new RegExp(`"worker":${slot},.*"msg":"draining`)))
    program.kill('SIGUSR2')
    await Promise.all(drained)
    await expect(connect(`${server.process.urls.rtmp}/live`)).rejects.toThrow()
    const sent = sampleStream(5)
    await send(publisher, sent)
    expect(await take(player, sent.length)).toHaveLength(sent.length)
    player.on('error', () => {})
    publisher.on('error', () => {})
    await viewer.close()
    await encoder.close()
    const { stderr } = await program.finish(0)
    expect(stderr.filter(line => line.includes('a worker died'))).toEqual([])
  })

  test.each([
    ['publishes', 1, 0],
    ['plays', 0, 1],
  ])('sends nobody to a worker that hears of it later than the one of who %s', async (_what, early, late) => {
    await using server = await WorkerServer.start(2)
    const { program } = server.process
    const clients = [await server.clientOn(1), await server.clientOn(0)] as const
    const publisher = await clients[0].publish('name')
    const player = await clients[1].play('name')
    const outcomes = clients.map(client =>
      Promise.race([once(client, 'reconnectFailed'), once(client, 'reconnect').then(() => 'moved')]),
    )
    // It stands still until the other one has had its signal, and has done all that it does by itself.
    server.kill(late, 'SIGSTOP')
    const told = program.waitForLine(new RegExp(`"worker":${early},.*"msg":"ports closed"`))
    program.kill('SIGUSR2')
    await told
    server.kill(late, 'SIGCONT')
    for (const outcome of outcomes) expect(await outcome).toMatchObject([{ code: 'ECONNREFUSED' }])
    const sent = sampleStream(5)
    await send(publisher, sent)
    expect(await take(player, sent.length)).toHaveLength(sent.length)
    for (const stream of [publisher, player]) stream.on('error', () => {})
    for (const client of clients) await client.close()
    await program.finish(0)
  })

  test('gives way to SIGTERM, also when the whole group gets both', async () => {
    await using server = await WorkerServer.start(2)
    const { program, pid } = server.process
    await server.publishOn(1, 'name')
    const all = [pid, ...server.workers.values()]
    const drained = [0, 1].map(slot => program.waitForLine(new RegExp(`"worker":${slot},.*"msg":"draining`)))
    for (const one of all) process.kill(one, 'SIGUSR2')
    await Promise.all(drained)
    for (const one of all) if (isAlive(one)) process.kill(one, 'SIGTERM')
    await program.finish(0)
  })
})

test('a second signal ends primary and workers at once, and leaves no files', async () => {
  await using server = await WorkerServer.start(2)
  const { program } = server.process
  const workers = [...server.workers.values()]
  const folder = dirname(environmentOf(workers[0] ?? 0).get('RTMPIPE_WORKER_SOCKET') ?? '')
  expect(existsSync(folder)).toBe(true)
  const client = await server.clientOn(0)
  const asked = new Promise(resolve => client.once('reconnectRequest', resolve))
  // It takes no signal any more: without the second one, the primary waits for it.
  server.kill(1, 'SIGSTOP')
  program.kill('SIGTERM')
  await asked
  program.kill('SIGTERM')
  await program.finish(143)
  await expect.poll(() => workers.filter(isAlive), { interval: 10, timeout: 5_000 }).toEqual([])
  expect(existsSync(folder)).toBe(false)
})
