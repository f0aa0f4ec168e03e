import { deny } from '../../src/contract/denial.ts'
import type { PublishInfo } from '../../src/contract/info.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import type { RawPeer } from '../support/raw-peer.ts'
import { RawServer } from '../support/raw-server.ts'

const [videoHeader, audioHeader] = [samples.videoHeader(), samples.audioHeader()]
const [keyframe, interframe] = [samples.keyframe(0), samples.interframe(40)]

async function ready(server: RawServer): Promise<RawPeer> {
  const peer = server.peer()
  await peer.connect()
  await peer.createStream()
  return peer
}

const texts = (replies: readonly unknown[]): string => JSON.stringify(replies)

describe('redirect() of a player', () => {
  it('plays the other stream from here on, and tells so', async () => {
    await using server = new RawServer()
    const [one, two, player] = [server.peer(), server.peer(), server.peer()]
    await one.publish('one')
    await two.publish('two')
    await player.play('one')
    await player.replies()
    const [play] = server.server.players
    play?.redirect('two')
    expect(texts(await player.replies())).toContain('NetStream.Play.TransitionComplete')
    expect([...server.server.players].map(({ streamName }) => streamName)).toEqual(['two'])
    await two.media(1, keyframe).replies()
    expect(await player.messagesSoFar()).toMatchObject([{ payload: keyframe.payload }])
  })

  it('asks the gates, with the query the player came with', async () => {
    const asked: string[] = []
    const plugin: Plugin = {
      name: 'gate',
      onPlay: ({ streamName, rawQuery }) => {
        asked.push(`${streamName}?${rawQuery}`)
        return streamName === 'secret' ? deny('NetStream.Play.Failed', 'not for you') : undefined
      },
    }
    await using server = new RawServer({ plugins: [plugin] })
    const player = server.peer()
    await player.play('one?key=1')
    await player.replies()
    for (const play of server.server.players) play.redirect('secret')
    expect(texts(await player.rest())).toContain('error NetStream.Play.Failed')
    expect(asked).toEqual(['one?key=1', 'secret?key=1'])
  })
})

describe('redirect() of a publisher', () => {
  it('goes on under the other name, with what late players begin with', async () => {
    const published: PublishInfo[] = []
    const ended: string[] = []
    const plugin: Plugin = {
      name: 'watch',
      onPublishStart: publish => void published.push(publish),
      onPublishEnd: ({ streamName }) => void ended.push(streamName),
    }
    await using server = new RawServer({ plugins: [plugin] })
    const publisher = server.peer()
    await publisher.publish('one')
    const media = [videoHeader, audioHeader, keyframe]
    await publisher
      .data(1, '@setDataFrame', 'onMetaData', { width: 640 })
      .media(1, ...media)
      .replies()
    expect(server.server.streams.get('live', 'one')?.redirect('two')).toBe(true)
    expect(texts(await publisher.replies())).toContain('NetStream.Publish.Start')
    expect(published.map(({ streamName }) => streamName)).toEqual(['one', 'two'])
    expect(ended).toEqual(['one'])
    const player = await ready(server)
    player.command(1, 'play', 0, null, 'two')
    const replies = await player.messagesSoFar()
    const payloads = replies.map(({ payload }) => payload.toString('hex'))
    expect(texts(payloads)).toContain(videoHeader.payload.toString('hex'))
    expect(texts(payloads)).toContain(audioHeader.payload.toString('hex'))
    expect(payloads.at(-1)).toBe(keyframe.payload.toString('hex'))
    expect(server.server.streams.get('live', 'two')?.codecs).toMatchObject([{ kind: 'audio' }, { kind: 'video' }])
    await publisher.media(1, interframe).replies()
    expect(await player.messagesSoFar()).toMatchObject([{ payload: interframe.payload }])
  })

  it('is impossible for what no client publishes', async () => {
    await using server = new RawServer()
    await server.peer().play('one')
    expect(server.server.streams.get('live', 'one')?.redirect('two')).toBe(false)
  })
})
