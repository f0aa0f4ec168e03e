import { EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { metadataOf } from '@rtmpipe/flv'
import { samples, sampleStream, send, settled, take, TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { messageTransform, type MessageMap } from '../../src/hooks/message-transform.ts'

/** What comes out for what goes in. */
async function through(map: MessageMap, messages: readonly RtmpMessage[], removes?: 'audio' | 'video') {
  const transform = messageTransform(map, removes && { removes })
  const out: RtmpMessage[] = []
  transform.on('data', (message: RtmpMessage) => void out.push(message))
  for (const message of messages) transform.write(message)
  transform.end()
  await new Promise((resolve, reject) => transform.on('end', resolve).on('error', reject))
  return out
}

const times = (messages: readonly RtmpMessage[]) => messages.map(({ timestamp }) => timestamp)
const [one, two, three] = [samples.audio(1), samples.audio(2), samples.audio(3)] as const

describe('messageTransform', () => {
  const maps: [string, MessageMap, number[]][] = [
    ['the same', message => message, [1, 2, 3]],
    ['another', message => ({ ...message, timestamp: message.timestamp * 10 }), [10, 20, 30]],
    ['none', message => (message.timestamp === 2 ? undefined : message), [1, 3]],
    ['several', message => [message, { ...message, timestamp: message.timestamp + 100 }], [1, 101, 2, 102, 3, 103]],
    ['none, as a list', () => [], []],
    ['nothing said', () => {}, []],
    ['a promise of it', async message => message, [1, 2, 3]],
  ]

  it.each(maps)('puts out what the function answers: %s', async (_what, map, expected) => {
    expect(times(await through(map, [one, two, three]))).toEqual(expected)
  })

  it('keeps the order, and asks for one at a time', async () => {
    let waiting = 0
    const turns = new Map([
      [1, 3],
      [2, 1],
      [3, 0],
    ])
    const map: MessageMap = async message => {
      waiting += 1
      expect(waiting).toBe(1)
      for (let turn = turns.get(message.timestamp) ?? 0; turn > 0; turn -= 1)
        await new Promise(resolve => void setImmediate(resolve))
      waiting -= 1
      return message
    }
    expect(times(await through(map, [one, two, three]))).toEqual([1, 2, 3])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
  ] as [string, MessageMap][])('whose function %s ends the publish, by name', async (_what, map) => {
    const ends: unknown[] = []
    await using server = new TestServer({
      plugins: [
        {
          name: 'ten-lines',
          bindPublish: () => messageTransform(map),
          onPublishEnd: (_info, { error }) => void ends.push(error?.message),
        },
      ],
    })
    const publisher = await server.publish('live/name')
    publisher.on('error', () => {})
    publisher.write(one)
    await settled()
    expect(ends).toEqual(['plugin ten-lines, bindPublish: its Transform failed: boom'])
  })

  it('takes no wrong arguments', () => {
    expect(() => messageTransform(undefined as unknown as MessageMap)).toThrow('needs a function')
    expect(() => messageTransform(message => message, { removes: 'data' as 'audio' })).toThrow('audio or video')
  })
})

describe('messageTransform with removes', () => {
  const said = {
    duration: 0,
    width: 640,
    height: 360,
    framerate: 25,
    videocodecid: 7,
    videodatarate: 500,
    videoTrackIdInfoMap: {},
    audiocodecid: 10,
    audiosamplerate: 44_100,
    stereo: true,
    hasAudio: true,
    hasVideo: true,
    encoder: 'x',
  }
  const metadata: RtmpMessage = { ...samples.metadata(), payload: encodeAmf0('onMetaData', new EcmaArray(said)) }
  const stream = [metadata, ...sampleStream(5).slice(1)]

  it.each([
    [
      'audio',
      MessageType.Audio,
      ['duration', 'width', 'height', 'framerate', 'videocodecid', 'videodatarate', 'videoTrackIdInfoMap'],
    ],
    ['video', MessageType.Video, ['duration', 'audiocodecid', 'audiosamplerate', 'stereo']],
  ] as const)('%s takes out its messages, its headers and what metadata say of it', async (kind, type, left) => {
    const asked: number[] = []
    const map: MessageMap = message => {
      asked.push(message.messageTypeId)
      return message
    }
    const out = await through(map, stream, kind)
    expect(asked).not.toContain(type)
    expect(out.slice(1)).toEqual(stream.slice(1).filter(({ messageTypeId }) => messageTypeId !== type))
    const properties = metadataOf((out[0] as RtmpMessage).payload)
    expect(Object.keys(properties ?? {})).toEqual([...left, 'hasAudio', 'hasVideo', 'encoder'])
    expect(properties).toMatchObject({ hasAudio: kind === 'video', hasVideo: kind === 'audio' })
  })

  it('lets data pass that is no metadata, and metadata that can not be read', async () => {
    const cue = { ...metadata, payload: encodeAmf0('onCuePoint', { audiocodecid: 10 }) }
    const broken = { ...metadata, payload: metadata.payload.subarray(0, -5) }
    expect(await through(message => message, [cue, broken], 'audio')).toEqual([cue, broken])
  })

  it('leaves late players nothing to wait for', async () => {
    await using server = new TestServer({
      plugins: [{ name: 'silent', bindPublish: () => messageTransform(message => message, { removes: 'audio' }) }],
    })
    await send(await server.publish('live/name'), stream)
    const [first, ...rest] = await take(await server.play('live/name'), 7)
    expect(metadataOf((first as RtmpMessage).payload)).not.toHaveProperty('audiocodecid')
    expect(rest.map(({ messageTypeId }) => messageTypeId)).toEqual(Array(6).fill(MessageType.Video))
    expect(server.server.streams.get('live', 'name')?.codecs.map(({ kind }) => kind)).toEqual(['video'])
  })
})
