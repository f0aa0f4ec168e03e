import { createReadStream, readdirSync } from 'node:fs'
import { sampleStream } from '@rtmpipe/testing'
import { FlvDemuxStage, type RtmpMessage } from 'rtmpipe'
import { expect, it } from 'vitest'
import { TemporaryFolder } from '../../test/support/temporary-folder.ts'
import { relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('record keeps what is published', async () => {
  await using folder = await TemporaryFolder.create()
  await using example = await RunningExample.start('record', { FOLDER: folder.path })
  await using encoder = await example.connect('rtmp', 'live')
  await using viewer = await example.connect('rtmp', 'live')
  const sent = sampleStream(10)
  // What a player has got, the recorder has got too.
  await relayed(await encoder.publish('name'), await viewer.play('name'))
  await Promise.all([viewer.close(), encoder.close()])
  await example.stop()
  const [name = ''] = readdirSync(folder.file('live'))
  expect(name).toMatch(/^name-\d{8}-\d{6}\.flv$/)
  const read: RtmpMessage[] = []
  for await (const message of createReadStream(folder.file(`live/${name}`)).pipe(new FlvDemuxStage())) {
    read.push(message as RtmpMessage)
  }
  const payloads = (messages: readonly RtmpMessage[]): string[] =>
    messages.slice(1).map(({ payload }) => payload.toString('base64'))
  expect(payloads(read)).toEqual(payloads(sent))
})
