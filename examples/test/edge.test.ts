import { connect, createServer, type Listener, tcp } from 'rtmpipe'
import { expect, it } from 'vitest'
import { expectRelayed, relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('edge fetches what is played from the origin, once', async () => {
  let plays = 0
  let start = () => {}
  const fetched = new Promise<void>(resolve => (start = resolve))
  await using origin = createServer({ transports: [tcp({ port: 0 })] })
  const onPlayStart = () => {
    plays += 1
    start()
  }
  origin.use({ name: 'count', onPlayStart })
  const [{ address }] = (await origin.listen()) as [Listener]
  await using example = await RunningExample.start('edge', { ORIGIN: `rtmp://127.0.0.1:${address.port}` })
  const encoder = await connect(`rtmp://127.0.0.1:${address.port}/live`)
  const publisher = await encoder.publish('name')
  publisher.on('error', () => {})
  const viewers = [await example.connect('rtmp', 'live'), await example.connect('rtmp', 'live')]
  const players = await Promise.all(viewers.map(viewer => viewer.play('name')))
  const [first = expect.unreachable(), second] = players
  await fetched
  expectRelayed(await relayed(publisher, first))
  expect(plays).toBe(1)
  for (const player of [first, second]) player?.on('error', () => {}).destroy()
  await Promise.all(viewers.map(viewer => viewer.close()))
  await example.stop()
  await encoder.close()
})
