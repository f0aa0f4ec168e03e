import { connect } from 'rtmpipe'
import { apiClient } from 'rtmpipe/api-client'
import { expect, it } from 'vitest'
import { expectRelayed, relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('http serves the tunnel, health, the API and a page of its own on one port', async () => {
  await using example = await RunningExample.start('http', { HTTP_PORT: '0', ADMIN_TOKEN: 'admin-of-the-test' })
  const base = `http://127.0.0.1:${example.ports[1]}`
  await using viewer = await connect(`rtmpt://127.0.0.1:${example.ports[1]}/live`)
  await using encoder = await example.connect('rtmp', 'live')
  const player = await viewer.play('name')
  const publisher = await encoder.publish('name')
  expectRelayed(await relayed(publisher, player))

  expect((await fetch(`${base}/health`)).status).toBe(200)
  const client = apiClient({ url: base, token: 'admin-of-the-test' })
  expect((await client.connections()).map(({ transport }) => transport).sort()).toEqual(['rtmp', 'rtmpt'])
  expect((await fetch(`${base}/off`, { method: 'POST' })).status).toBe(401)
  await Promise.all([viewer.close(), encoder.close()])
  expect(await (await fetch(`${base}/now`)).json()).toEqual({ live: 0 })
  await example.stop()
})
