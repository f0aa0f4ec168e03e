import { MessageType } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { FrameFlag, type FrameHead, FrameKind, type FramedMessage, MessageFlag } from '../../src/wire/frame.ts'
import { maxFrameLength, maxSnapshotLength } from '../../src/wire/limits.ts'
import { parseFrame, parseMessage, parseSnapshot } from '../../src/wire/parse-frame.ts'
import { framedLength, mediaFrame, needsFragments, partFrames, signFrame } from '../../src/wire/write-frame.ts'
import { framed } from './framed.ts'

const refused = expect.objectContaining({ name: 'FrameError', code: 'RTMP_ERR_CLUSTER_FRAME' })
const head: FrameHead = { flags: 0, seq: 7, sentAt: 1234.567, headers: 3 }
const messages = [framed(9, 40, '1701', MessageFlag.Key), framed(8, 41, 'af01ff'), framed(18, 42, '')]

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

describe('mediaFrame', () => {
  it('is these bytes', () => {
    const bytes = mediaFrame(
      { flags: FrameFlag.Key, seq: 0x01020304, sentAt: 2 ** 32 / 1_000 + 0.005, headers: 9 },
      messages,
    )
    const expected = [
      '01 01 0300 04030201 05000000 01000000 09000000 00000000',
      '09 01 0000 28000000 02000000 1701',
      '08 00 0000 29000000 03000000 af01ff',
      '12 00 0000 2a000000 00000000',
    ]
    expect(bytes.toString('hex')).toBe(hex(expected.join('')).toString('hex'))
  })

  it('is read as what was written', () => {
    const marked = { ...framed(9, 0xffffffff, '27', MessageFlag.Discontinuity), discontinuity: true }
    const frame = parseFrame(mediaFrame(head, [...messages, marked]))
    expect(frame).toEqual({ kind: FrameKind.Media, ...head, messages: [...messages, marked] })
  })

  it('shares its memory with the payloads', () => {
    const bytes = mediaFrame(head, messages)
    const frame = parseFrame(bytes)
    if (frame.kind !== FrameKind.Media) throw new Error('no media')
    expect(frame.messages.map(({ payload }) => payload.buffer === bytes.buffer)).toEqual([true, true, true])
  })

  it('does not write into frames that were made before', () => {
    const frames = Array.from({ length: 600 }, (_, index) => mediaFrame(head, [framed(8, index, 'af'.repeat(5_000))]))
    for (const [index, bytes] of frames.entries()) {
      expect(parseFrame(bytes)).toMatchObject({ messages: [{ timestamp: index }] })
    }
  })

  it('keeps the order of numbers that only 53 bits can hold', () => {
    const sentAt = Number.MAX_SAFE_INTEGER / 1_000 - 10
    expect(parseFrame(mediaFrame({ ...head, sentAt }, messages)).sentAt).toBeCloseTo(sentAt, 2)
  })
})

describe('signFrame', () => {
  it.each([FrameKind.Tick, FrameKind.End])('of kind %d is a head alone', kind => {
    const bytes = signFrame(kind, head)
    expect(bytes.length).toBe(24)
    expect(parseFrame(bytes)).toEqual({ kind, ...head })
  })
})

describe('partFrames', () => {
  it('cuts what is longer than a frame', () => {
    const long = framed(9, 40, '17'.repeat(600_000), MessageFlag.Key)
    expect(needsFragments(long)).toBe(true)
    const frames = [...partFrames(FrameKind.Fragment, head, [long])]
    expect(frames.map(({ length }) => length)).toEqual([
      maxFrameLength,
      maxFrameLength,
      600_012 + 72 - 2 * maxFrameLength,
    ])
    const parts = frames.map(bytes => parseFrame(bytes))
    expect(parts).toMatchObject([
      { kind: FrameKind.Fragment, ...head, index: 0, isLast: false, total: 600_012 },
      { index: 1, isLast: false, total: 600_012 },
      { index: 2, isLast: true, flags: FrameFlag.Last, total: 600_012 },
    ])
  })

  it('writes each part when the one before has been sent, into memory of whoever asks', () => {
    const memory = Buffer.alloc(maxFrameLength)
    const payload = Buffer.from('17'.repeat(300_000), 'hex')
    const message = { ...framed(9, 40, ''), payload }
    const parts: Buffer[] = []
    for (const part of partFrames(FrameKind.Fragment, head, [message], length => memory.subarray(0, length))) {
      expect(part.buffer).toBe(memory.buffer)
      parts.push(Buffer.from(part.subarray(24)))
    }
    expect(parseMessage(Buffer.concat(parts))).toEqual(message)
  })

  it('makes one frame of an empty snapshot', () => {
    const [bytes, ...others] = partFrames(FrameKind.Snapshot, head, [])
    expect(others).toEqual([])
    expect(parseFrame(bytes as Buffer)).toMatchObject({ index: 0, isLast: true, total: 0, bytes: Buffer.alloc(0) })
  })

  it('needs none for the longest message that fits', () => {
    const fits = framed(9, 0, '17'.repeat(maxFrameLength - 36))
    expect(needsFragments(fits)).toBe(false)
    expect(parseFrame(mediaFrame(head, [fits]))).toMatchObject({ messages: [{ timestamp: 0 }] })
    expect(needsFragments(framed(9, 0, '17'.repeat(maxFrameLength - 35)))).toBe(true)
  })
})

describe('parseSnapshot', () => {
  it('reads any number of messages', () => {
    expect(parseSnapshot(Buffer.alloc(0))).toEqual([])
    const [bytes] = partFrames(FrameKind.Snapshot, head, messages)
    expect(parseSnapshot((bytes as Buffer).subarray(24))).toEqual(messages)
  })

  it('refuses what is cut off anywhere but between messages', () => {
    const whole = ([...partFrames(FrameKind.Snapshot, head, messages)][0] as Buffer).subarray(24)
    const ends = [0, framedLength(messages[0] as FramedMessage), 14 + 15, whole.length]
    for (let length = 0; length <= whole.length; length += 1) {
      const read = () => parseSnapshot(whole.subarray(0, length))
      if (ends.includes(length)) expect(read().length).toBe(ends.indexOf(length))
      else expect(read).toThrow(refused)
    }
  })
})

describe('parseMessage', () => {
  it('reads exactly one', () => {
    const whole = ([...partFrames(FrameKind.Fragment, head, messages.slice(0, 1))][0] as Buffer).subarray(24)
    expect(parseMessage(whole)).toEqual(messages[0])
    for (const bytes of [Buffer.alloc(0), whole.subarray(1), Buffer.concat([whole, whole]), whole.subarray(0, 13)]) {
      expect(() => parseMessage(bytes)).toThrow(refused)
    }
  })
})

describe('parseFrame', () => {
  const frames = [
    mediaFrame(head, messages),
    signFrame(FrameKind.Tick, head),
    signFrame(FrameKind.End, head),
    ...partFrames(FrameKind.Snapshot, head, messages),
    ...partFrames(FrameKind.Fragment, head, messages.slice(0, 1)),
  ]

  it('refuses a frame that is cut off, wherever', () => {
    for (const bytes of frames) {
      for (let length = 0; length < bytes.length; length += 1) {
        expect(() => parseFrame(bytes.subarray(0, length)), `${length} bytes of kind ${bytes[0]}`).toThrow(refused)
      }
    }
  })

  it('refuses a frame with something after it', () => {
    for (const bytes of frames) expect(() => parseFrame(Buffer.concat([bytes, hex('00')]))).toThrow(refused)
  })

  it.each([
    ['an unknown kind', '00 00 0000 07000000 00000000 00000000 00000000 00000000'],
    ['an unknown kind', '06 00 0000 07000000 00000000 00000000 00000000 00000000'],
    ['a time that no clock shows', '03 00 0000 07000000 00000000 00002000 00000000 00000000'],
    ['no message', '01 00 0000 07000000 00000000 00000000 00000000 00000000'],
    [
      'more messages than it has bytes for',
      '01 00 ffff 07000000 00000000 00000000 00000000 00000000 09000000 00000000 00000000',
    ],
    [
      'fewer messages than it has bytes for',
      '01 00 0100 07000000 00000000 00000000 00000000 00000000 09000000 00000000 00000000 09000000 00000000 00000000',
    ],
    ['a message of 4 GB', '01 00 0100 07000000 00000000 00000000 00000000 00000000 09000000 00000000 ffffffff 00'],
    [
      'a message one byte too long',
      '01 00 0100 07000000 00000000 00000000 00000000 00000000 09000000 00000000 02000000 17',
    ],
    ['a command as message', '01 00 0100 07000000 00000000 00000000 00000000 00000000 14000000 00000000 00000000'],
    ['messages of a total', '01 00 0100 07000000 00000000 00000000 00000000 0c000000 09000000 00000000 00000000'],
    ['a fragment without content', '02 02 0000 07000000 00000000 00000000 00000000 00000000'],
    ['a fragment of 4 GB', '02 00 0000 07000000 00000000 00000000 00000000 ffffffff 00'],
    ['a fragment of more than a message', '02 00 0000 07000000 00000000 00000000 00000000 0c000001 00'],
    ['a fragment of less than itself', '02 00 0100 07000000 00000000 00000000 00000000 01000000 0000'],
    ['a first fragment of all that is not the last', '02 00 0000 07000000 00000000 00000000 00000000 01000000 00'],
    ['a first and last fragment of not all', '02 02 0000 07000000 00000000 00000000 00000000 02000000 00'],
    ['a snapshot of nothing in two parts', '04 00 0000 07000000 00000000 00000000 00000000 00000000'],
    ['a tick with messages', '03 00 0100 07000000 00000000 00000000 00000000 00000000'],
    ['an end with content', '05 00 0000 07000000 00000000 00000000 00000000 00000000 00'],
  ])('refuses %s', (_what, bytes) => expect(() => parseFrame(hex(bytes))).toThrow(refused))

  it('refuses what is longer than any frame, and snapshots longer than any cache', () => {
    const long = Buffer.alloc(maxFrameLength + 1)
    mediaFrame(head, messages).copy(long)
    expect(() => parseFrame(long)).toThrow(refused)
    const bytes = Buffer.from([...partFrames(FrameKind.Snapshot, head, messages)][0] as Buffer)
    bytes[1] = 0
    bytes.writeUInt32LE(maxSnapshotLength, 20)
    expect(parseFrame(bytes)).toMatchObject({ total: maxSnapshotLength, isLast: false })
    bytes.writeUInt32LE(maxSnapshotLength + 1, 20)
    expect(() => parseFrame(bytes)).toThrow(refused)
  })

  it('throws nothing else, whatever bytes come, and gives nothing that is not in them', () => {
    let state = 1
    const random = () => (state = (state * 48_271) % 0x7fffffff)
    let [accepted, thrown] = [0, 0]
    for (let round = 0; round < 20_000; round += 1) {
      const bytes = Buffer.from(frames[random() % frames.length] as Buffer)
      for (let changes = random() % 4; changes >= 0; changes -= 1) bytes[random() % bytes.length] = random() & 0xff
      try {
        const frame = parseFrame(bytes)
        const parts = frame.kind === FrameKind.Media ? frame.messages.map(({ payload }) => payload) : []
        expect(parts.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(bytes.length)
        accepted += 1
      } catch (error) {
        expect(error).toMatchObject({ code: 'RTMP_ERR_CLUSTER_FRAME' })
        thrown += 1
      }
    }
    expect(accepted).toBeGreaterThan(1_000)
    expect(thrown).toBeGreaterThan(1_000)
  })

  it('knows audio, video and data, as a stream does', () => {
    const types = [MessageType.Audio, MessageType.Video, MessageType.DataAmf0]
    for (let type = 0; type < 256; type += 1) {
      const read = () => parseFrame(mediaFrame(head, [framed(type, 0, '00')]))
      if ((types as number[]).includes(type)) expect(read).not.toThrow()
      else expect(read).toThrow(refused)
    }
  })
})
