import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'rtmpipe'
import type { ServerReport } from 'rtmpipe/http'
import { samples, take } from '@rtmpipe/testing'
import { expect, test } from 'vitest'
import { seriesOf } from '../../packages/http/test/metrics/metrics-house.ts'
import { NatsServers } from '../support/nats-server.ts'
import { run } from '../support/running-program.ts'
import { command, ServerProcess } from '../support/server-process.ts'
import { WorkerServer } from '../workers/support/worker-server.ts'

const headers = [samples.metadata(), samples.audioHeader(), samples.videoHeader()]

/** What a server answers on its HTTP port. */
async function asked({ urls, data }: ServerProcess, path: string): Promise<Response> {
  const token = (await readFile(join(data.path, 'admin-token'), 'utf8')).trim()
  const url = `${urls.rtmpt.replace('rtmpt:', 'http:')}${path}`
  return fetch(url, { headers: { authorization: `Bearer ${token}` } })
}

test('rtmpipe serve --cluster tells how it fares, all workers together: API, metrics, status', async context => {
  await using nats = await NatsServers.start(context)
  const args = ['--cluster', nats.one.url]
  await using here = await ServerProcess.start({ args })
  await using there = await WorkerServer.start(2, { args })
  const report = async (server: ServerProcess) =>
    ((await (await asked(server, '/api/v1/server')).json()) as ServerReport).cluster
  const player = await there.playOn(1, 'show')
  const client = await connect(`${here.urls.rtmp}/live`)
  const publisher = await client.publish('show')
  for (const message of headers) publisher.write(message)
  await take(player, 3)
  await there.publishOn(0, 'own')
  // Two for each process: control and media.
  const server = `127.0.0.1:${nats.one.port}`
  const quiet = { reconnects: 0, frozen: 0, late: 0, holes: 0, rejoins: 0, lost: 0 }
  await expect.poll(() => report(here)).toMatchObject({ ...quiet, connections: 2, connected: 2, joined: 0, offered: 1 })
  await expect
    .poll(() => report(there.process))
    .toMatchObject({ ...quiet, connections: 4, connected: 4, joined: 1, offered: 1 })
  expect((await report(there.process))?.servers).toEqual([server])
  const series = seriesOf(await (await asked(there.process, '/metrics')).text())
  expect(Object.fromEntries(series)).toMatchObject({
    'rtmpipe_cluster_connections{state="up"}': 4,
    'rtmpipe_cluster_connections{state="down"}': 0,
    'rtmpipe_cluster_streams{role="joined"}': 1,
    'rtmpipe_cluster_streams{role="offered"}': 1,
    rtmpipe_cluster_reconnects_total: 0,
  })
  const url = there.process.urls.rtmpt.replace('rtmpt:', 'http:')
  const { stdout } = await run(process.execPath, [command, 'status', '--url', url, '--data', there.process.data.path])
  expect(stdout.join('\n')).toContain('NATS 4 of 4')
  await nats.one.kill()
  await expect.poll(async () => (await report(there.process))?.connected, { timeout: 10_000 }).toBe(0)
  expect((await report(there.process))?.servers).toEqual([])
  client.messages.destroy()
})
