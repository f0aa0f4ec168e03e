import { once } from 'node:events'
import { relative } from 'node:path'
import { PassThrough } from 'node:stream'
import type { StreamRecording, StreamView } from '@rtmpipe/session'
import { sampleStream, send, settled, TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { record, type RecordedFile } from '../../src/record/index.ts'
import { temporaryFolder } from './support/folder.ts'
import { RecordingServer } from './support/recorded.ts'

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

describe('a recording that is asked for', () => {
  const dirs = (): { readonly dir: string; readonly when: 'asked' } => ({ dir: temporaryFolder(), when: 'asked' })

  it('begins whatever is recorded without asking, shows its file, and ends when it is ended', async () => {
    const options = dirs()
    await using recording = new RecordingServer(options)
    const { server } = recording
    const publisher = await server.publish('live/cam')
    await send(publisher, sampleStream(20))
    const stream = server.server.streams.open('live', 'cam')
    expect(stream.recordings.size).toBe(0)
    const asked = await server.server.abilities.record?.(stream)
    expect([...stream.recordings]).toEqual([asked])
    expect(asked).toMatchObject({ by: 'record' })
    await expect.poll(() => asked?.file, { interval: 1 }).toMatch(/^live\/cam-\d{8}-\d{6}\.flv$/)
    expect(() => server.server.abilities.record?.(stream)).toThrow(
      expect.objectContaining({ code: 'RTMP_ERR_RECORD_RUNNING', message: 'live/cam is recorded already' }),
    )
    const { file } = asked ?? {}
    asked?.end()
    const [complete] = await recording.recorded(1)
    expect(relative(options.dir, complete?.file ?? '')).toBe(file)
    expect(complete?.publish?.connection.app).toBe('live')
    expect(asked?.file).toBeUndefined()
    await expect.poll(() => stream.recordings.size, { interval: 1 }).toBe(0)
    expect(stream.isPublishing).toBe(true)
    await server.server.abilities.record?.(stream)
    publisher.end()
    await recording.recorded(2)
    expect(recording.failures).toEqual([])
  })

  it('needs a stream that is live', async () => {
    await using recording = new RecordingServer(dirs())
    await recording.server.play('live/cam?key=secret')
    const { streams, abilities } = recording.server.server
    expect(() => abilities.record?.(streams.open('live', 'cam'))).toThrow(
      expect.objectContaining({ code: 'RTMP_ERR_STREAM_NOT_LIVE', message: 'nobody publishes live/cam' }),
    )
    expect(() => abilities.record?.(streams.open('live', '?key=secret'))).toThrow('nobody publishes live/?…')
  })

  it('takes streams that no client publishes, and those that were there before the recorder', async () => {
    const options = dirs()
    await using test = new TestServer()
    const publisher = await test.publish('live/cam')
    const files: RecordedFile[] = []
    await test.server.replacePlugins([record({ ...options, onRecorded: file => void files.push(file) })])
    const fed = new PassThrough({ objectMode: true })
    const supplied = test.server.streams.open('live', 'fed')
    supplied.supply(fed)
    const published = test.server.streams.open('live', 'cam')
    const recordings = [supplied, published].map(stream => test.server.abilities.record?.(stream) as StreamRecording)
    expect(() => test.server.abilities.record?.(supplied)).toThrow('live/fed is recorded already')
    for (const message of sampleStream(20)) fed.write(message)
    await send(publisher, sampleStream(20))
    fed.end()
    await expect.poll(() => files.length, { interval: 1 }).toBe(1)
    recordings[1]?.end()
    await expect.poll(() => files.length, { interval: 1 }).toBe(2)
    expect(files.map(({ streamName, publish }) => [streamName, publish])).toEqual([
      ['fed', undefined],
      ['cam', undefined],
    ])
    const again = new PassThrough({ objectMode: true })
    supplied.supply(again)
    expect(test.server.abilities.record?.(supplied)).toMatchObject({ by: 'record' })
    again.destroy()
  })

  it('goes on with who comes back while the stream is kept open, until it is ended or the stream has', async () => {
    await using recording = new RecordingServer(dirs())
    const { server } = recording
    const { streams, abilities } = server.server
    const first = await server.publish('live/cam')
    const stream = streams.open('live', 'cam')
    const settle = stream.keepOpen()
    await abilities.record?.(stream)
    await send(first, sampleStream(20))
    first.end()
    await recording.recorded(1)
    const second = await server.publish('live/cam')
    await send(second, sampleStream(20))
    expect(stream.recordings.size).toBe(1)
    const [now] = stream.recordings
    now?.end()
    await recording.recorded(2)
    second.end()
    await once(second, 'close')
    const third = await server.publish('live/cam')
    await settled()
    expect(stream.recordings.size).toBe(0)
    await abilities.record?.(stream)
    settle()
    third.end()
    await once(third, 'close')
    await server.publish('live/cam')
    await settled()
    expect([...streams].map(({ recordings }) => recordings.size)).toEqual([0])
  })

  it('hides the name of a file that is a key', async () => {
    await using recording = new RecordingServer(dirs())
    const { server } = recording
    const publisher = await server.publish('live/?key=secret')
    await send(publisher, sampleStream(20))
    const [stream] = server.server.streams
    const asked = await server.server.abilities.record?.(stream as StreamView)
    await expect.poll(() => asked?.bytes, { interval: 1 }).toBeGreaterThan(0)
    expect(asked?.file).toBeUndefined()
  })

  it('ends with its recorder, though the stream goes on', async () => {
    const files: RecordedFile[] = []
    const recorder = record({ ...dirs(), onRecorded: file => void files.push(file) })
    await using test = new TestServer({ plugins: [recorder] })
    const fed = new PassThrough({ objectMode: true })
    const stream = test.server.streams.open('live', 'fed')
    stream.supply(fed)
    for (const message of sampleStream(20)) fed.write(message)
    await settled()
    await (await test.connect('live')).close()
    await test.server.abilities.record?.(stream)
    await test.server.replacePlugins([])
    await expect.poll(() => files.length, { interval: 1 }).toBe(1)
    expect([stream.isPublishing, stream.recordings.size]).toEqual([true, 0])
    fed.destroy()
  })
})
