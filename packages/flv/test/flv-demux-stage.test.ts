import { createReadStream } from 'node:fs'
import { finished, pipeline } from 'node:stream/promises'
import { FlvDemuxStage, type MediaMessage } from '@rtmpipe/flv'
import { expect, test } from 'vitest'
import { cut, demux } from './support/demux.ts'
import { fixturePath, readFixture } from './support/fixtures.ts'
import { hex } from './support/hex.ts'

test('a file read in pieces gives its messages', async () => {
  const stage = createReadStream(fixturePath('h264-aac'), { highWaterMark: 100 }).pipe(new FlvDemuxStage())
  expect(await stage.toArray()).toEqual(demux(readFixture('h264-aac')))
})

test('messages are read one at a time', async () => {
  const stage = new FlvDemuxStage()
  const messages: MediaMessage[] = []
  const sink = async (source: AsyncIterable<MediaMessage>) => {
    for await (const message of source) messages.push(message)
  }
  await pipeline(cut(readFixture('vp9-ac3'), [1000]), stage, sink)
  expect(messages).toEqual(demux(readFixture('vp9-ac3')))
})

test.each([
  ['another kind of file', '89504e47', 'RTMP_ERR_FLV_HEADER'],
  ['an empty file', '', 'RTMP_ERR_FLV_HEADER'],
  ['a tag above maxTagSize', '464c56 01 05 00000009 00000000 09 000065', undefined],
  ['the header of one', '464c56 01 05 00000009 00000000 09 000065 000000 00 000000', 'RTMP_ERR_FLV_TAG_SIZE'],
])('%s fails as it should', async (_, text, code) => {
  const stage = new FlvDemuxStage({ maxTagSize: 100 })
  stage.resume().end(hex(text))
  if (code === undefined) await finished(stage)
  else await expect(finished(stage)).rejects.toMatchObject({ name: 'FlvError', code })
})

test('a stage destroyed early leaves nothing behind', async () => {
  const stage = new FlvDemuxStage()
  stage.write(readFixture('h264-aac').subarray(0, 5000))
  stage.destroy()
  await expect(finished(stage)).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
  expect(stage.destroyed).toBe(true)
})
