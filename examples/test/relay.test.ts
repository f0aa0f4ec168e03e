import { createServer, type Listener, tcp } from 'rtmpipe'
import { expect, it } from 'vitest'
import { expectRelayed, relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('relay pushes every stream, and one by its name', async () => {
  const started: string[] = []
  let wake = () => {}
  const both = new Promise<void>(resolve => {
    wake = () => void (started.length === 2 && resolve())
  })
  await using there = createServer({ transports: [tcp({ port: 0 })] })
  there.use({
    name: 'watch',
    onPublishStart: ({ app, streamName }) => {
      started.push(`${app}/${streamName}`)
      wake()
    },
  })
  const [{ address }] = (await there.listen()) as [Listener]
  const url = `rtmp://127.0.0.1:${address.port}`
  await using example = await RunningExample.start('relay', { TO: `${url}/copy`, SHOW_TO: `${url}/other/key` })
  const publisher = await (await example.connect('rtmp', 'live')).publish('show')
  await both
  expect(started.sort()).toEqual(['copy/show', 'other/key'])
  const player = await (await example.connect('rtmp', 'live')).play('show')
  expectRelayed(await relayed(publisher, player))
  publisher.on('error', () => {})
  player.on('error', () => {}).resume()
  await example.stop()
})
