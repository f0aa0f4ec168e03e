import { sampleStream, send } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import { RunningExample } from './running-example.ts'

it('metrics shows what goes on to whom may look, in the words of other servers too', async () => {
  await using example = await RunningExample.start('metrics', { HTTP_PORT: '0', ADMIN_TOKEN: 'admin' })
  const get = (path: string, token: string) =>
    fetch(`http://127.0.0.1:${example.ports[1]}${path}`, { headers: { authorization: `Bearer ${token}` } })
  const encoder = await example.connect('rtmp', 'live')
  const publisher = await encoder.publish('name')
  await send(publisher, sampleStream(10))

  expect((await get('/metrics', 'wrong')).status).toBe(401)
  expect(await (await get('/metrics', 'look')).text()).toContain('rtmpipe_publishers{app="live"} 1')
  expect(await (await get('/stat', 'look')).text()).toContain('<stream><name>name</name>')
  expect(await (await get('/encoders', 'look')).json()).toEqual({ fmle: 1 })

  const drop = '/control/drop/publisher?app=live&name=name'
  expect((await get(drop, 'look')).status).toBe(403)
  expect(await (await get(drop, 'admin')).text()).toBe('1')
  await example.stop()
})
