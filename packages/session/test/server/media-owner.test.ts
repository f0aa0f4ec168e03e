import { aggregate, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import type { RawPeer } from '../support/raw-peer.ts'
import { RawServer } from '../support/raw-server.ts'

const { audio, keyframe } = samples
const properties = { width: 640 }
const media = [keyframe(0), audio(20)]
const shown = [
  ['video', 1, 0],
  ['audio', 1, 20],
]

async function pair(server: RawServer): Promise<{ publisher: RawPeer; player: RawPeer }> {
  const [publisher, player] = [server.peer(), server.peer()]
  await publisher.publish('name')
  await player.play('name')
  await player.replies()
  return { publisher, player }
}

const inOne = (messageStreamId: number): RtmpMessage =>
  aggregate(media.map(message => ({ ...message, messageStreamId })))

describe.each([0, 5, 4_294_967_295])('media on message stream %d, which names no NetStream', id => {
  it('is that of the only NetStream that publishes: audio, video and data alike', async () => {
    await using server = new RawServer()
    const { publisher, player } = await pair(server)
    // Another NetStream that does not publish changes nothing.
    await publisher.createStream()
    publisher.data(id, '@setDataFrame', 'onMetaData', properties)
    await publisher.media(id, ...media).replies()
    expect(await player.replies()).toEqual([['data', 1, 0, 'onMetaData', properties], ...shown])
    expect(server.log.at('warn')).toEqual([])
  })

  it('is so in an Aggregate', async () => {
    await using server = new RawServer()
    const { publisher, player } = await pair(server)
    await publisher.send(inOne(id)).replies()
    expect(await player.replies()).toEqual(shown)
  })

  it('is nobody’s where two publish, which is one warning', async () => {
    await using server = new RawServer()
    const { publisher, player } = await pair(server)
    const other = await publisher.createStream()
    await publisher.command(other, 'publish', 0, null, 'other').replies()
    publisher.media(id, ...media).data(id, '@setDataFrame', 'onMetaData', properties)
    await publisher.send(inOne(id)).replies()
    expect(await player.replies()).toEqual([])
    expect(server.log.at('warn')).toMatchObject([
      { messageStreamId: id, message: 'media is dropped: nothing is published on its message stream' },
    ])
    await publisher.media(1, ...media).replies()
    expect(await player.replies()).toEqual(shown)
  })

  it('is nobody’s where nobody publishes, which is one warning', async () => {
    await using server = new RawServer()
    const { publisher, player } = await pair(server)
    await publisher.command(1, 'closeStream', 0, null).replies()
    await player.replies()
    await publisher.media(id, ...media).replies()
    expect(await player.replies()).toEqual([])
    expect(server.log.at('warn')).toHaveLength(1)
  })
})

it('media on a NetStream of its own that does not publish is not that of another', async () => {
  await using server = new RawServer()
  const { publisher, player } = await pair(server)
  const idle = await publisher.createStream()
  await publisher.media(idle, ...media).replies()
  expect(await player.replies()).toEqual([])
  expect(server.log.at('warn')).toMatchObject([{ messageStreamId: idle }])
})
