import { it } from 'vitest'
import { expectRelayed, relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('bind-publish lets a stream begin at zero, and keeps its spacing', async () => {
  await using example = await RunningExample.start('bind-publish')
  await using viewer = await example.connect('rtmp', 'live')
  await using encoder = await example.connect('rtmp', 'live')
  const player = await viewer.play('name')
  expectRelayed(await relayed(await encoder.publish('name'), player, 3_600_000), 0)
  await Promise.all([viewer.close(), encoder.close()])
  await example.stop()
})
