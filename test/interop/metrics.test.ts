import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createServer, type Listener, tcp } from 'rtmpipe'
import { http, metrics } from 'rtmpipe/http'
import { expect, test } from 'vitest'
import { playWithFfmpeg, publishWithFfmpeg } from '../support/clients.ts'
import { liveRecipe, makeMedia } from '../support/media.ts'
import { requireClient } from '../support/programs.ts'
import { run } from '../support/running-program.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

const token = 'of-the-test'
const monitoring = fileURLToPath(new URL('../../packages/http/monitoring/', import.meta.url))
const cases = fileURLToPath(new URL('../../packages/http/test/metrics/alerts.cases.yaml', import.meta.url))

test('metrics of ffmpeg publishing and playing are what promtool wants', async context => {
  await requireClient(context, 'ffmpeg', 'promtool')
  const media = await makeMedia({ ...liveRecipe, seconds: 30 })
  const web = http({ port: 0, token, mount: [metrics({ perStream: true })] })
  const server = createServer({ transports: [tcp({ port: 0 })], plugins: [web] })
  await using _ = server
  const [{ address }] = (await server.listen()) as [Listener]
  const url = `rtmp://127.0.0.1:${address.port}/live/show`
  await using player = playWithFfmpeg('ffmpeg', url)
  await player.playing()
  await using publisher = publishWithFfmpeg('ffmpeg', media.file, url)
  await publisher.published(1)
  const where = `http://127.0.0.1:${web.address?.port}/metrics`
  expect((await fetch(where)).status).toBe(401)
  const response = await fetch(where, { headers: { authorization: `Bearer ${token}` } })
  const text = await response.text()
  expect(response.status).toBe(200)
  for (const line of [
    'rtmpipe_connections{transport="rtmp"} 2',
    'rtmpipe_publishers{app="live"} 1',
    'rtmpipe_players{app="live",output="rtmp"} 1',
    'rtmpipe_stream_players{app="live",stream="show"} 1',
    'rtmpipe_delivery_seconds_count 1',
    'rtmpipe_dropped_messages_total{kind="video",reason="lag"} 0',
  ])
    expect(text.split('\n')).toContain(line)
  await using folder = await TemporaryFolder.create()
  await writeFile(folder.file('metrics'), text)
  const { stdout, stderr } = await run('sh', ['-c', 'promtool check metrics < "$1"', 'sh', folder.file('metrics')])
  expect([...stdout, ...stderr]).toEqual([])
})

test('the alert rules are valid, and fire when they should', async context => {
  await requireClient(context, 'promtool')
  await run('promtool', ['check', 'rules', `${monitoring}alerts.yaml`])
  await run('promtool', ['test', 'rules', cases])
})

test('the queries of the dashboard are valid', async context => {
  await requireClient(context, 'promtool')
  const dashboard = await readFile(`${monitoring}grafana.json`, 'utf8')
  const queries = [...dashboard.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(
    ([, text = '']) => JSON.parse(text) as string,
  )
  expect(queries.length).toBeGreaterThan(20)
  const rules = queries.map((query, n) => ({ record: `query:${n}`, expr: query.replaceAll('$__rate_interval', '1m') }))
  await using folder = await TemporaryFolder.create()
  // YAML takes JSON as it is.
  await writeFile(folder.file('rules.yaml'), JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
  await run('promtool', ['check', 'rules', folder.file('rules.yaml')])
})
