import { expect, it } from 'vitest'
import { expectRelayed, relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('auth-plugin refuses a wrong key with the reason, and takes the right one', async () => {
  await using example = await RunningExample.start('auth-plugin')
  const denial = { code: 'RTMP_ERR_STATUS', statusCode: 'NetStream.Publish.Denied', description: 'wrong key' }
  for (const name of ['name?key=wrong', 'name']) {
    const intruder = await example.connect('rtmp', 'live')
    await expect(intruder.publish(name)).rejects.toMatchObject(denial)
  }
  const elsewhere = await example.connect('rtmp', 'other')
  await expect(elsewhere.publish('name?key=secret')).rejects.toMatchObject(denial)

  await using viewer = await example.connect('rtmp', 'live')
  await using encoder = await example.connect('rtmp', 'live')
  const player = await viewer.play('name')
  expectRelayed(await relayed(await encoder.publish('name?key=secret'), player))
  await Promise.all([viewer.close(), encoder.close()])
  await example.stop()
})
