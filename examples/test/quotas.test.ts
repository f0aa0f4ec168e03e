import { sampleStream, take } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import { RunningExample } from './running-example.ts'

it('quotas refuses viewers beyond the limit, and lets an encoder come back', async () => {
  await using example = await RunningExample.start('quotas', { VIEWERS: '1' })
  const viewer = await example.connect('rtmp', 'live')
  const player = await viewer.play('name')
  const late = await example.connect('rtmp', 'live')
  await expect(late.play('name')).rejects.toMatchObject({ description: '1 viewers watch this stream already' })
  for (const _ of ['first', 'second']) {
    const encoder = await example.connect('rtmp', 'live')
    const publisher = await encoder.publish('name?key=k')
    for (const message of sampleStream(5)) publisher.write(message)
    await take(player, 5)
    await encoder.close()
  }
  const other = await example.connect('rtmp', 'live')
  await expect(other.publish('name?key=other')).rejects.toMatchObject({ statusCode: 'NetStream.Publish.BadName' })
  player.on('error', () => {})
  await viewer.close()
  await example.stop()
})
