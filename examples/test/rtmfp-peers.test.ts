import { sampleStream, send } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import { RunningExample } from './running-example.ts'

it('rtmfp-peers feeds three viewers, of which the server serves one', async () => {
  await using example = await RunningExample.start('rtmfp-peers')
  await using encoder = await example.connect('rtmp', 'live')
  const publisher = await encoder.publish('name')
  await example.waitForLine(/^two viewers are fed by a peer$/)
  const messages = sampleStream(400, 1_000)
  const bytes = messages.reduce((sum, { payload }) => sum + payload.length, 0)
  await send(publisher, messages)
  publisher.end()
  const [, second, third, sent] = await example.waitForLine(/^fed by a peer: (\d+) and (\d+) bytes; .*: (\d+) bytes$/)
  expect([second, third].map(Number)).toEqual([bytes, bytes])
  // Once, with what packets and commands take.
  expect(Number(sent)).toBeGreaterThan(bytes)
  expect(Number(sent)).toBeLessThan(1.5 * bytes)
  await encoder.close()
  await example.stop()
})
