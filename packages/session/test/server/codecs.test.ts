import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import type { RawPeer } from '../support/raw-peer.ts'
import { RawServer } from '../support/raw-server.ts'

function message(messageTypeId: number, hex: string): RtmpMessage {
  return { messageTypeId, messageStreamId: 1, timestamp: 0, payload: Buffer.from(hex.replaceAll(' ', ''), 'hex') }
}

// ExHeader, keyframe, SequenceStart, 'hvc1'; then CodedFramesX.
const hevcHeader = message(MessageType.Video, '90 68766331 01')
const hevcKeyframe = message(MessageType.Video, '93 68766331 02')
const vp8Keyframe = message(MessageType.Video, '91 76703038 02')
// ExHeader, CodedFrames, 'Opus'.
const opus = message(MessageType.Audio, '91 4F707573 03')
const multitrack = message(MessageType.Video, '96 20 61763031 00 000001 01 76703039 01 000001 02')
const legacy = message(MessageType.Video, '17 00 000000 01')

async function publisherOf(server: RawServer, ...media: RtmpMessage[]): Promise<RawPeer> {
  const publisher = server.peer()
  await publisher.publish('name')
  await publisher.media(1, ...media).replies()
  return publisher
}

/** What a player is told of codecs. */
async function told(server: RawServer, says: object = {}): Promise<{ peer: RawPeer; statuses: unknown[] }> {
  const peer = await server.peer().connect('live', says)
  await peer.createStream()
  peer.command(1, 'play', 0, null, 'name')
  return { peer, statuses: aboutTracks(await peer.replies()) }
}

function aboutTracks(replies: readonly unknown[]): unknown[] {
  return replies.flatMap(reply =>
    Array.isArray(reply) ? reply.filter(one => /NoSupportedTrack/.test(String(one))) : [],
  )
}

const warning = 'warning NetStream.Play.NoSupportedTrackFound'
const error = 'error NetStream.Play.NoSupportedTrackFound'

describe('a player of a stream with codecs of Enhanced RTMP', () => {
  it.each([
    ['that said nothing is warned, once per codec', {}, [warning, warning]],
    ['that can decode others is told so as an error', { fourCcList: ['av01', 'Opus'] }, [error]],
    [
      'that can decode all there is is told nothing',
      { videoFourCcInfoMap: { '*': 1 }, audioFourCcInfoMap: { Opus: 1 } },
      [],
    ],
    ['that passes all on is told nothing', { videoFourCcInfoMap: { '*': 4 }, audioFourCcInfoMap: { '*': 4 } }, []],
    ['that can only make it is told so', { videoFourCcInfoMap: { '*': 2 }, audioFourCcInfoMap: { '*': 1 } }, [error]],
  ])('%s', async (_name, says, expected) => {
    await using server = new RawServer()
    await publisherOf(server, hevcHeader, hevcKeyframe, opus, opus)
    expect((await told(server, says)).statuses).toEqual(expected)
  })

  it('is told when the codec comes later, and gets the media all the same', async () => {
    await using server = new RawServer()
    const { peer, statuses } = await told(server)
    expect(statuses).toEqual([])
    const publisher = await publisherOf(server, legacy)
    expect(aboutTracks(await peer.replies())).toEqual([])
    await publisher.media(1, vp8Keyframe, vp8Keyframe, multitrack).replies()
    const replies = await peer.replies()
    expect(aboutTracks(replies)).toEqual([warning, warning, warning])
    expect(replies.filter(reply => Array.isArray(reply) && reply[0] === 'video')).toHaveLength(3)
  })

  it('is told again by the next publisher', async () => {
    await using server = new RawServer()
    const publisher = await publisherOf(server, opus)
    const { peer, statuses } = await told(server)
    expect(statuses).toEqual([warning])
    await publisher.command(1, 'deleteStream', 0, null, 1).replies()
    await publisherOf(server, opus)
    expect(aboutTracks(await peer.replies())).toEqual([warning])
  })
})
