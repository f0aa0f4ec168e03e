import { once } from 'node:events'
import { expect, it } from 'vitest'
import { expectRelayed, relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('minimal-relay hands on what is published, and tells everybody when it ends', async () => {
  await using example = await RunningExample.start('minimal-relay')
  const viewer = await example.connect('rtmp', 'live')
  const player = await viewer.play('name')
  const encoder = await example.connect('rtmp', 'live')
  const publisher = await encoder.publish('name')
  expectRelayed(await relayed(publisher, player))

  const ended = Promise.all([viewer, encoder].map(client => once(client.messages, 'close')))
  player.resume()
  publisher.on('error', () => {})
  player.on('error', () => {})
  await example.stop()
  await ended
  expect(viewer.state).toBe('closed')
})
