import { sampleStream, send, settled, TestServer } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import { record } from '../../src/record/index.ts'
import { temporaryFolder } from './support/folder.ts'

it('a recording is shown with its stream, grows, and can be ended while the stream goes on', async () => {
  const before = Date.now()
  await using test = new TestServer({ plugins: [record({ dir: temporaryFolder() })] })
  const publisher = await test.publish('live/cam')
  const stream = test.server.streams.get('live', 'cam')
  await send(publisher, sampleStream(20))
  const [recording] = stream?.recordings ?? []
  expect(recording?.by).toBe('record')
  expect(recording?.since.getTime()).toBeGreaterThanOrEqual(before)
  await expect.poll(() => recording?.bytes, { interval: 1 }).toBeGreaterThan(10_000)
  expect(stream?.viewers).toBe(0)
  recording?.end()
  await expect.poll(() => stream?.recordings.size, { interval: 1 }).toBe(0)
  await settled()
  expect(stream?.isPublishing).toBe(true)
})
