import { expect, it } from 'vitest'
import { expectRelayed, relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('rtmpt-in-fastify offers its own route and the tunnel on one port', async () => {
  await using example = await RunningExample.start('rtmpt-in-fastify')
  const page = async () => (await fetch(`http://127.0.0.1:${example.ports[0]}/`)).json()
  expect(await page()).toEqual({ streams: [] })

  await using encoder = await example.connect('rtmpt', 'live')
  const publisher = await encoder.publish('name')
  expect(await page()).toEqual({ streams: ['live/name'] })
  await using viewer = await example.connect('rtmpt', 'live')
  const player = await viewer.play('name')
  expectRelayed(await relayed(publisher, player))
  await Promise.all([viewer.close(), encoder.close()])
  await example.stop()
})
