import { FlvMuxStage, type FlvMuxStageOptions, type MediaMessage } from '@rtmpipe/flv'
import { finished } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import { demux } from './support/demux.ts'
import { hex } from './support/hex.ts'

const payloads = {
  metadata: hex('02 000a 6f6e4d65746144617461 03 000009'),
  videoHeader: hex('17 00 000000 01'),
  keyframe: hex('17 01 000050 65'),
  frame: hex('27 01 000000 41'),
  audioHeader: hex('af 00 1210'),
  audio: hex('af 01 21'),
  layout: hex('94 4f707573 01 02 00000003'),
  silence: hex(''),
}

type Kind = keyof typeof payloads

function message(kind: Kind, timestamp: number, discontinuity?: boolean): MediaMessage {
  const payload = payloads[kind]
  const messageTypeId = kind === 'metadata' ? 18 : /video|frame/i.test(kind) ? 9 : 8
  return { messageTypeId, messageStreamId: 1, timestamp, payload, ...(discontinuity && { discontinuity }) }
}

async function mux(messages: readonly MediaMessage[], options?: FlvMuxStageOptions): Promise<Buffer> {
  const stage = new FlvMuxStage(options)
  for (const each of messages) stage.write(each)
  stage.end()
  return Buffer.concat(await stage.toArray())
}

async function times(messages: readonly MediaMessage[], options?: FlvMuxStageOptions): Promise<number[]> {
  return demux(await mux(messages, options)).map(({ timestamp }) => timestamp)
}

test('a file of nothing is a file', async () => {
  expect(await mux([])).toEqual(hex('464c56 01 05 00000009 00000000'))
})

test('a file, byte by byte', async () => {
  const bytes = await mux([message('videoHeader', 0), message('keyframe', 700), message('audio', 723)])
  expect(bytes).toEqual(
    hex(`464c56 01 05 00000009 00000000
      09 000006 000000 00 000000 1700 000000 01 00000011
      09 000006 000000 00 000000 1701 000050 65 00000011
      08 000003 000017 00 000000 af0121 0000000e`),
  )
})

test('audio and video have one base, the first frame of either', async () => {
  expect(await times([message('audio', 5000), message('keyframe', 5007), message('audio', 5023)])).toEqual([0, 7, 23])
})

test('sound that comes ahead of its pictures leaves them their times', async () => {
  const sent = [0, 20, 300, 320].map(time => message('audio', time))
  sent.splice(3, 0, message('videoHeader', 0), message('keyframe', 0), message('metadata', 0))
  expect(await times([...sent, message('frame', 40)])).toEqual([0, 20, 300, 300, 0, 300, 320, 40])
})

test.each<[string, MediaMessage[], number[]]>([
  [
    'headers with time 0 do not make the base',
    [message('metadata', 0), message('videoHeader', 0), message('layout', 0), message('keyframe', 90_000)],
    [0, 0, 0, 0],
  ],
  [
    'headers that bear the time of the first frame do not either',
    [message('metadata', 90_000), message('audioHeader', 90_000), message('audio', 90_000), message('audio', 90_023)],
    [0, 0, 0, 23],
  ],
  [
    'headers and data between frames do not disturb the clock',
    [
      message('keyframe', 90_000),
      message('frame', 90_040),
      message('audioHeader', 0),
      message('metadata', 0),
      message('silence', 0),
      message('frame', 90_080),
    ],
    [0, 40, 40, 40, 40, 80],
  ],
  [
    'a mark on a header is that of the next frame',
    [
      message('keyframe', 0),
      message('frame', 5000),
      message('videoHeader', 100, true),
      message('keyframe', 100),
      message('frame', 90),
    ],
    [0, 5000, 5000, 5010, 5010],
  ],
  [
    'a mark on a frame holds once',
    [
      message('keyframe', 0),
      message('frame', 5000),
      message('keyframe', 0, true),
      message('frame', 40),
      message('frame', 30),
    ],
    [0, 5000, 5010, 5050, 5050],
  ],
])('%s', async (_, messages, expected) => {
  expect(await times(messages)).toEqual(expected)
})

test('a mark on a message that is left out is that of the next frame', async () => {
  const command: MediaMessage = { ...message('audio', 0, true), messageTypeId: 20 }
  expect(await times([message('audio', 0), message('audio', 5000), command, message('audio', 0)])).toEqual([
    0, 5000, 5010,
  ])
})

test('without rebase times are kept', async () => {
  const messages = [message('metadata', 0), message('keyframe', 5000), message('audio', 5020)]
  expect(await times(messages, { rebase: false })).toEqual([0, 5000, 5020])
})

describe('to append to a file', () => {
  const live = [
    message('metadata', 0),
    message('videoHeader', 90_000),
    message('keyframe', 90_000),
    message('frame', 90_040),
  ]

  test('it begins at a start time, headers too, and has no file header', async () => {
    const file = await mux([message('keyframe', 5000), message('frame', 5040)])
    const more = await mux(live, { startTime: 80, header: false })
    expect(more[0]).toBe(0x12)
    const messages = demux(Buffer.concat([file, more]))
    expect(messages.map(({ timestamp }) => timestamp)).toEqual([0, 40, 80, 80, 80, 120])
    expect(messages.slice(2).map(({ payload }) => payload)).toEqual(live.map(({ payload }) => payload))
  })

  test('byte by byte', async () => {
    expect(await mux([message('audio', 7000)], { startTime: 0x0123_4567, header: false })).toEqual(
      hex('08 000003 234567 01 000000 af0121 0000000e'),
    )
  })

  test('it can begin at the last time there is', async () => {
    const [only] = demux(await mux([message('audio', 7000)], { startTime: 0x7fff_ffff }))
    expect(only?.timestamp).toBe(0x7fff_ffff)
  })

  test.each([-1, 0.5, NaN, 0x8000_0000])('it cannot begin at %d', startTime => {
    const error = expect.objectContaining({ name: 'FlvError', code: 'RTMP_ERR_FLV_TIMESTAMP' })
    expect(() => new FlvMuxStage({ startTime })).toThrow(error)
  })

  test('its start time is of no use without rebase', async () => {
    expect(await times([message('metadata', 0), message('audio', 7000)], { startTime: 80, rebase: false })).toEqual([
      0, 7000,
    ])
  })
})

test.each([
  [undefined, '05'],
  [{}, '05'],
  [{ hasVideo: false }, '04'],
  [{ hasAudio: false }, '01'],
])('with %o, the file header has flags %s', async (header, flags) => {
  const options = header && { header }
  expect(await mux([], options)).toEqual(hex(`464c56 01 ${flags} 00000009 00000000`))
})

test('only what FLV can hold is written', async () => {
  const types = [0, 1, 4, 8, 9, 15, 16, 17, 18, 19, 20, 22]
  const file = await mux(types.map(messageTypeId => ({ ...message('metadata', 0), messageTypeId })))
  expect(demux(file).map(({ messageTypeId }) => messageTypeId)).toEqual([8, 9, 18, 18])
})

describe('fails with an FlvError', () => {
  test('for a message that is too large', async () => {
    const stage = new FlvMuxStage()
    stage.resume().write({ ...message('frame', 0), payload: Buffer.alloc(0x100_0000, 1) })
    await expect(finished(stage)).rejects.toMatchObject({ code: 'RTMP_ERR_FLV_TAG_SIZE' })
  })

  test('for a recording that is too long', async () => {
    const stage = new FlvMuxStage({ rebase: false })
    stage.resume().write(message('frame', 0x7fff_ffff))
    stage.write(message('frame', 0x8000_0000))
    await expect(finished(stage)).rejects.toMatchObject({ code: 'RTMP_ERR_FLV_TIMESTAMP' })
  })
})

test('a slow reader holds back the writer', async () => {
  const stage = new FlvMuxStage()
  let written = 0
  while (stage.write({ ...message('frame', written), payload: Buffer.alloc(1024) }) && written < 10_000) written++
  expect(written).toBeLessThan(200)
  stage.resume().end()
  await finished(stage)
})
