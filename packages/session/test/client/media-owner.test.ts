import { aggregate } from '@rtmpipe/chunk-stream'
import { messagePair, samples, take } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import { RawPeer } from '../support/raw-peer.ts'

const { audio, keyframe, metadata } = samples
const info = (code: string) => ({ level: 'status', code, description: '' })

/** A client, and a server that makes NetStreams 1, 2, … and lets each begin. */
async function connected(): Promise<{ client: RtmpClient; server: RawPeer; serve(command: string): Promise<void> }> {
  const [near, far] = messagePair()
  const [client, server] = [new RtmpClient(near), new RawPeer(far)]
  const connecting = client.connect({ app: 'live', tcUrl: '' })
  server.command(0, '_result', 1, null, info('NetConnection.Connect.Success'))
  await connecting
  let id = 0
  const serve = async (wanted: string): Promise<void> => {
    for (;;) {
      const [command, , transactionId] = await server.next()
      if (command === 'createStream') server.command(0, '_result', transactionId as number, null, (id += 1))
      if (command !== wanted) continue
      const code = wanted === 'play' ? 'NetStream.Play.Start' : 'NetStream.Publish.Start'
      server.command(id, 'onStatus', 0, null, info(code))
      return
    }
  }
  return { client, server, serve }
}

describe.each([0, 5, 4_294_967_295])('media on message stream %d, which names no NetStream', id => {
  it('is that of the only NetStream that plays: audio, video and data alike, and those of an Aggregate', async () => {
    const { client, server, serve } = await connected()
    const published = client.publish('out')
    await serve('publish')
    await published
    const played = client.play('name')
    await serve('play')
    const stream = await played
    const together = aggregate([keyframe(40), audio(60)].map(message => ({ ...message, messageStreamId: id })))
    server.media(id, metadata(), keyframe(0), audio(20)).send(together)
    expect((await take(stream, 5)).map(({ timestamp }) => timestamp)).toEqual([0, 0, 20, 40, 60])
  })

  it('is nobody’s where two play', async () => {
    const { client, server, serve } = await connected()
    const streams = []
    for (const name of ['a', 'b']) {
      const played = client.play(name)
      await serve('play')
      streams.push(await played)
    }
    server.media(id, keyframe(0)).media(1, keyframe(1)).media(2, keyframe(2))
    for (const [index, stream] of streams.entries()) {
      expect((await take(stream, 1)).map(({ timestamp }) => timestamp)).toEqual([index + 1])
    }
  })
})
