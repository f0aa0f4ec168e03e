import { expect, it } from 'vitest'
import { TemporaryFolder } from '../../test/support/temporary-folder.ts'
import { relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'
import { WebServer } from './web-server.ts'

it('http-callback asks who may, and tells of recordings', async () => {
  await using web = await WebServer.start()
  await using folder = await TemporaryFolder.create()
  await using example = await RunningExample.start('http-callback', { WEB: web.url, FOLDER: folder.path })
  const encoder = await example.connect('rtmp', 'live')
  const viewer = await example.connect('rtmp', 'live')
  await relayed(await encoder.publish('name'), await viewer.play('name'))
  await Promise.all([encoder.close(), viewer.close()])
  await web.asked('/on_record_done')
  expect(web.paths.slice(0, 2)).toEqual(['/on_publish', '/on_play'])
  web.answer = path => [path === '/on_publish' ? 403 : 200]
  const stranger = await example.connect('rtmp', 'live')
  await expect(stranger.publish('name')).rejects.toMatchObject({ statusCode: 'NetStream.Publish.Denied' })
  await example.stop()
})
