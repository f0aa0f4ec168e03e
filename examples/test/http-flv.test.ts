import { FlvDemuxStage, type RtmpMessage } from 'rtmpipe'
import { sampleStream, send } from '@rtmpipe/testing'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { RunningExample } from './running-example.ts'

it('http-flv plays over HTTP, and asks the gates', async () => {
  await using example = await RunningExample.start('http-flv', { HTTP_PORT: '0', KEY: 'secret' })
  const encoder = await example.connect('rtmp', 'live')
  const publisher = await encoder.publish('name')
  const sent = sampleStream(10)
  await send(publisher, sent.slice(0, 5))

  const url = `http://127.0.0.1:${example.ports[1]}/live/name.flv`
  const refused = await fetch(`${url}?key=wrong`)
  expect([refused.status, await refused.text()]).toEqual([401, 'NetStream.Play.Failed: wrong key\n'])

  const response = await fetch(`${url}?key=secret`)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'video/x-flv'])
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
  const played = body.pipe(new FlvDemuxStage()).toArray() as Promise<RtmpMessage[]>
  await send(publisher, sent.slice(5))
  await encoder.close()
  const essence = ({ messageTypeId, payload }: RtmpMessage) => `${messageTypeId} ${payload.toString('base64')}`
  // A late player gets the headers in an order of the stream's own.
  expect((await played).map(essence).sort()).toEqual(sent.map(essence).sort())
  await example.stop()
})
