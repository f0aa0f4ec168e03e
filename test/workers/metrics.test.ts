import { sampleStream, send, take } from '@rtmpipe/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WorkerServer } from './support/worker-server.ts'

const slots = [0, 1, 2]
const token = 'of-the-test'
const accepted = 'rtmpipe_connections_total{transport="rtmp"}'

let server: WorkerServer
beforeAll(async () => void (server = await WorkerServer.start(slots.length, { env: { RTMPIPE_VIEW_TOKEN: token } })))
afterAll(() => server?.[Symbol.asyncDispose]())

/** Values of series by their names as they are written. */
async function scrape(): Promise<Record<string, number>> {
  const url = `${server.process.urls.rtmpt.replace('rtmpt', 'http')}/metrics`
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  expect(response.status).toBe(200)
  const lines = (await response.text()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(lines.map(line => [line.replace(/ \S+$/, ''), Number(line.replace(/^.* /, ''))]))
}

test('one scrape has all workers, and what one had counted that died', async () => {
  const publisher = await server.publishOn(1, 'counted')
  const players = await Promise.all(slots.map(slot => server.playOn(slot, 'counted')))
  await send(publisher, sampleStream(10))
  await Promise.all(players.map(player => take(player, 10)))
  const before = await scrape()
  expect(before).toMatchObject({
    'rtmpipe_publishers{app="live"}': 1,
    'rtmpipe_players{app="live",output="rtmp"}': 3,
    rtmpipe_player_lag_seconds_count: 3,
  })
  // A client is let go that comes out at another worker than the one that is wanted.
  expect(before[accepted]).toBeGreaterThanOrEqual(4)

  const killed = server.workers.get(2)
  server.kill(2)
  await server.clientOn(2)
  expect(server.workers.get(2)).not.toBe(killed)
  const after = await scrape()
  expect(after['rtmpipe_players{app="live",output="rtmp"}']).toBe(2)
  expect(after[accepted]).toBeGreaterThan(before[accepted] ?? NaN)
})
