import { signUrl } from 'rtmpipe/plugins/auth'
import { expect, it } from 'vitest'
import { expectRelayed, relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('auth-publish-and-play takes keys from publishers and signed URLs from players', async () => {
  await using example = await RunningExample.start('auth-publish-and-play', { PUBLISH_KEY: 'p', SIGNING_KEY: 's' })
  await using viewer = await example.connect('rtmp', 'live')
  await using encoder = await example.connect('rtmp', 'live')
  const expires = new Date(Date.now() + 60_000)
  const [, query = ''] = signUrl('rtmp://host/live/name', { key: 's', action: 'play', expires }).split('?')
  const player = await viewer.play(`name?${query}`)
  expectRelayed(await relayed(await encoder.publish('name?key=p'), player))

  await using intruder = await example.connect('rtmp', 'live')
  await expect(intruder.play('name?key=p')).rejects.toMatchObject({ statusCode: 'NetStream.Play.Failed' })
  await using other = await example.connect('rtmp', 'live')
  await expect(other.publish(`name?${query}`)).rejects.toMatchObject({ statusCode: 'NetStream.Publish.Denied' })
  await Promise.all([viewer.close(), encoder.close()])
  await example.stop()
})
