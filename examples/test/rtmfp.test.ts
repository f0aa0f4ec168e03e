import { sampleStream } from '@rtmpipe/testing'
import { connect, type RtmpMessage } from 'rtmpipe'
import { expect, it } from 'vitest'
import { relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('rtmfp serves one stream over TCP and over UDP', async () => {
  await using example = await RunningExample.start('rtmfp')
  await using encoder = await example.connect('rtmp', 'live')
  await using viewer = await connect(`rtmfp://127.0.0.1:${example.ports[1]}/live`)
  const player = await viewer.play('name')
  const got = await relayed(await encoder.publish('name'), player)
  // Audio and video have flows of their own, between which there is no order.
  const sorted = (messages: readonly RtmpMessage[]) =>
    messages.map(({ timestamp, payload }) => `${timestamp} ${payload.toString('base64')}`).toSorted()
  expect(sorted(got)).toEqual(sorted(sampleStream(10)))
  await Promise.all([encoder.close(), viewer.close()])
  await example.stop()
})
