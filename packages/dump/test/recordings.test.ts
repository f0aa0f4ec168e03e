import { describe, expect, it } from 'vitest'
import { recordedBytes, recordings, rtmpBytes } from '../../../test/support/recordings.ts'
import { complaintsOf, ofKind, recordsOf } from './support/dump.ts'

describe.each(recordings())('$file', recording => {
  const bytes = rtmpBytes(recording)

  it('is dumped without a complaint, with the messages that tshark found', () => {
    const records = recordsOf(bytes)
    expect(complaintsOf(records)).toEqual([])
    const messages = ofKind(records, 'message')
    expect(
      messages.map(({ messageTypeId, messageStreamId, timestamp, length }) => [
        messageTypeId,
        messageStreamId,
        timestamp,
        length,
      ]),
    ).toEqual(recording.messages)
    const named = messages.flatMap(({ group, body }) =>
      group === 'command' ? [body.name] : group === 'data' && Array.isArray(body.values) ? [body.values[0]] : [],
    )
    expect(named).toEqual(recording.commands)
    // Whoever sent it is known from its first command on.
    const first = messages.findIndex(({ group }) => group === 'command')
    expect(new Set(messages.slice(first).map(({ from }) => from))).toEqual(new Set([recording.sentBy]))
    expect(records.at(-1)).toEqual({
      kind: 'end',
      connection: 1,
      from: recording.sentBy,
      offset: bytes.length,
      messages: recording.messages.length,
      inside: null,
    })
  })

  it('is dumped the same when it comes in single bytes, chunks and all', () => {
    const options = { chunks: true, hex: 4 }
    const whole = recordsOf(bytes, options)
    expect(
      recordsOf(
        Array.from(bytes, byte => Buffer.of(byte)),
        options,
      ),
    ).toEqual(whole)
    // Chunks lie side by side from the end of the handshake to the last byte.
    let at = 3073
    for (const { offset, headerLength, payloadLength } of ofKind(whole, 'chunk')) {
      expect(offset).toBe(at)
      at = offset + headerLength + payloadLength
    }
    expect(at).toBe(bytes.length)
  })

  it('says where it ends when it is cut off', () => {
    for (const length of [0, 1, 1536, 3072, 3073, 3080, bytes.length - 1]) {
      const records = recordsOf(bytes.subarray(0, length))
      expect(complaintsOf(records)).toEqual([])
      const inside = length === 0 || length === 3073 ? null : length < 3073 ? 'handshake' : 'message'
      expect(records.at(-1)).toMatchObject({ kind: 'end', offset: length, inside })
    }
  })

  it('over HTTP is told to be HTTP, once', () => {
    const records = recordsOf(recordedBytes(recording))
    expect(complaintsOf(records)).toEqual(recording.transport === 'rtmpt' ? ['not-rtmp@0'] : [])
  })

  it('begins after the handshake if it is told to', () => {
    const records = recordsOf(bytes.subarray(3073), { noHandshake: true })
    expect(ofKind(records, 'message')).toHaveLength(recording.messages.length)
    expect(complaintsOf(records)).toEqual([])
  })
})

it('a digest says who sent it: FFmpeg begins with one, and its peer answers without', () => {
  const of = (file: string) => {
    const recording = recordings().find(it => it.file === file)
    if (recording === undefined) throw new Error(`no recording ${file}`)
    return ofKind(recordsOf(rtmpBytes(recording)), 'handshake')
  }
  expect(of('ffmpeg-5.1-publish-rtmp.client.bin')).toMatchObject([
    { from: 'client', offset: 0, length: 3073, version: 3, peerVersion: '9.0.124.2', digest: true },
  ])
  expect(of('rtmpdump-play-rtmp.client.bin')).toMatchObject([{ from: null, peerVersion: '0.0.0.0', digest: false }])
})
