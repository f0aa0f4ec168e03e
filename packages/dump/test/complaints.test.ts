import { describe, expect, it } from 'vitest'
import { ConnectionDump } from '../src/connection-dump.ts'
import { complaints } from '../src/complaint-code.ts'
import type { DumpRecord } from '../src/record.ts'
import { chunk, command, complaintsOf, handshake, ofKind, recordsOf } from './support/dump.ts'

const connect = command(0, 'connect', 1, { app: 'live', tcUrl: 'rtmp://localhost/live' })
const publish = command(1, 'publish', 0, null, 'name', 'live')
const avcHeader = '17 00 000000 01640028'
const keyframe = '17 01 000000 65'
const inter = '27 01 000000 41'
const setChunkSize = (size: string) => chunk(2, 1, 0, size)

/** A part of an aggregate, with its back pointer. */
function aggregated(type: number, payload: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(11 + payload.length)
  return Buffer.concat([Buffer.of(type, 0, 0, payload.length, 0, 0, 0, 0, 0, 0, 0), payload, length])
}

const seen = new Set<string>()

/** What is complained of after the handshake, at offsets counted from its end. */
function after(bytes: readonly Buffer[]): string[] {
  const records = ofKind(recordsOf([handshake, ...bytes]), 'complaint')
  for (const { code } of records) seen.add(code)
  return records.map(({ code, offset, fatal }) => `${code}@${offset - handshake.length}${fatal ? ' fatal' : ''}`)
}

describe('bytes that one side sent', () => {
  const end = (bytes: readonly Buffer[]) => Buffer.concat(bytes).length

  it.each<[string, Buffer[], string[]]>([
    ['nothing wrong', [connect, publish, chunk(6, 9, 1, avcHeader), chunk(6, 9, 1, keyframe)], []],

    // Chunks (RTMP 1.0 §5.3.1).
    ['format 1 first', [Buffer.from('4200000000000403000000ff', 'hex')], ['first-format@0']],
    ['format 2 first', [connect, Buffer.from('84000000', 'hex')], [`RTMP_ERR_CHUNK_HEADER@${connect.length} fatal`]],
    ['format 3 first', [Buffer.from('c4', 'hex')], ['RTMP_ERR_CHUNK_HEADER@0 fatal']],
    [
      'the same header again inside a message',
      [
        Buffer.from('04000000000081080000000044000000000081 08'.replaceAll(' ', ''), 'hex').subarray(0, 12),
        Buffer.alloc(128, 0x2f),
        Buffer.from('4400000000008108', 'hex'),
        Buffer.of(0x2f),
      ],
      ['header-inside-message@140'],
    ],
    [
      'another header inside a message',
      [
        Buffer.from('040000000000810801000000', 'hex'),
        Buffer.alloc(128),
        Buffer.from('440000140000020 8af01'.replaceAll(' ', ''), 'hex'),
      ],
      ['RTMP_ERR_CHUNK_HEADER@140 fatal'],
    ],
    [
      'an extended timestamp that is not repeated',
      [
        connect,
        Buffer.from('04ffffff0001010801000000 01000000'.replaceAll(' ', ''), 'hex'),
        Buffer.alloc(128, 0x2f),
        Buffer.of(0xc4),
        Buffer.alloc(128, 0x2f),
        Buffer.of(0xc4, 0x2f),
      ],
      [`no-extended-timestamp@${connect.length + 144}`, `media-early@${connect.length}`],
    ],
    ['chunk size 0', [setChunkSize('00000000')], ['RTMP_ERR_CHUNK_SIZE@0 fatal']],
    [
      'a chunk size with the top bit',
      [connect, setChunkSize('80000000')],
      [`RTMP_ERR_CHUNK_SIZE@${connect.length} fatal`],
    ],
    ['chunk size 1', [setChunkSize('00000001')], ['chunk-size-small@0']],
    ['chunk size 127', [setChunkSize('0000007f')], ['chunk-size-small@0']],
    ['chunk sizes at the limits', [setChunkSize('00000080'), setChunkSize('00ffffff')], []],
    ['a chunk size that no message needs', [setChunkSize('01000000')], ['chunk-size-large@0']],
    ['a message of 9 MiB', [Buffer.from('060000009000000901000000', 'hex')], ['message-long@0']],
    [
      'too many chunk streams',
      Array.from({ length: 65 }, (_, i) => Buffer.of(0, i, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0, 0)),
      ['RTMP_ERR_CHUNK_STREAMS@832 fatal'],
    ],

    // Control messages (RTMP 1.0 §5.4, §6.2).
    ['control on chunk stream 3', [chunk(3, 5, 0, '00001000')], ['control-chunk-stream@0']],
    ['control on message stream 1', [chunk(2, 5, 1, '00001000')], ['message-stream@0']],
    [
      'a command on chunk stream 2',
      [connect, chunk(2, 20, 0, command(0, 'createStream', 2, null).subarray(12))],
      [`control-chunk-stream@${connect.length}`],
    ],
    ['a short Acknowledgement', [chunk(2, 3, 0, '0000')], ['control-body@0']],
    ['a bandwidth without a limit type', [chunk(2, 6, 0, '00001000')], ['control-body@0']],
    ['a bandwidth of limit type 3', [chunk(2, 6, 0, '00001000 03')], ['control-body@0']],
    ['a short ping', [chunk(2, 4, 0, '0006 0000')], ['control-body@0']],
    ['user control event 99', [chunk(2, 4, 0, '0063 00000001')], ['control-body@0']],
    ['an empty user control message', [chunk(2, 4, 0, '')], ['control-body@0']],
    ['message type 7', [chunk(3, 7, 0, '00')], ['message-type@0']],

    // AMF and commands (RTMP 1.0 §7.2).
    ['AMF that is cut short', [chunk(3, 20, 0, '02 0007 636f6e')], ['RTMP_ERR_AMF_TRUNCATED@0']],
    [
      'a command with padding',
      [chunk(3, 20, 0, Buffer.concat([connect.subarray(12), Buffer.alloc(1)]))],
      ['RTMP_ERR_AMF_TRUNCATED@0'],
    ],
    ['an unknown marker', [connect, chunk(3, 18, 1, '02 0001 61 04')], [`RTMP_ERR_AMF_MARKER@${connect.length}`]],
    [
      'a shared object that is cut short',
      [connect, chunk(3, 19, 0, '0001 61 0000')],
      [`RTMP_ERR_SHARED_OBJECT@${connect.length}`],
    ],
    ['a command without a name', [chunk(3, 20, 0, '00 3ff0000000000000')], ['command-form@0']],
    [
      'a transaction id that is text',
      [chunk(3, 20, 0, '02 0007 636f6e6e656374 02 0001 31 05')],
      ['command-form@0', 'command-form@0'],
    ],
    ['connect with transaction id 0', [command(0, 'connect', 0, {})], ['command-form@0']],
    ['connect twice', [connect, connect], [`command-state@${connect.length}`]],
    ['publish before connect', [publish], ['command-state@0']],
    ['publish twice', [connect, publish, publish], [`command-state@${end([connect, publish])}`]],
    [
      'publish on message stream 0',
      [connect, command(0, 'publish', 0, null, 'name')],
      [`message-stream@${connect.length}`],
    ],
    [
      'createStream on message stream 1',
      [connect, command(1, 'createStream', 2, null)],
      [`message-stream@${connect.length}`],
    ],
    [
      'play on a stream that is published',
      [connect, publish, command(1, 'play', 0, null, 'name')],
      [`command-state@${end([connect, publish])}`],
    ],
    [
      'metadata on message stream 0',
      [connect, chunk(4, 18, 0, '02 000d 40736574446174614672616d65 05')],
      [`message-stream@${connect.length}`],
    ],

    // Audio and video.
    [
      'video before publish, told once',
      [connect, chunk(6, 9, 1, avcHeader), chunk(6, 9, 1, keyframe)],
      [`media-early@${connect.length}`],
    ],
    ['audio on message stream 0', [connect, chunk(4, 8, 0, 'af 00 1210')], [`message-stream@${connect.length}`]],
    [
      'audio after deleteStream',
      [connect, publish, command(0, 'deleteStream', 0, null, 1), chunk(4, 8, 1, 'af 00 1210')],
      [`media-early@${end([connect, publish, command(0, 'deleteStream', 0, null, 1)])}`],
    ],
    [
      'video without a header',
      [connect, publish, chunk(6, 9, 1, keyframe), chunk(6, 9, 1, inter)],
      [`media-no-header@${end([connect, publish])}`],
    ],
    [
      'audio without a header',
      [connect, publish, chunk(4, 8, 1, 'af 01 21')],
      [`media-no-header@${end([connect, publish])}`],
    ],
    ['MP3 needs no header', [connect, publish, chunk(4, 8, 1, '2f ff')], []],
    [
      'Enhanced video without a header',
      [connect, publish, chunk(6, 9, 1, '93 68766331 00')],
      [`media-no-header@${end([connect, publish])}`],
    ],
    [
      'video that begins with an inter frame',
      [connect, publish, chunk(6, 9, 1, avcHeader), chunk(6, 9, 1, inter)],
      [`media-no-keyframe@${end([connect, publish, chunk(6, 9, 1, avcHeader)])}`],
    ],
    [
      'AVC that is cut short',
      [connect, publish, chunk(6, 9, 1, '17 01 00')],
      [`media-form@${end([connect, publish])}`],
    ],
    ['video of codec 15', [connect, publish, chunk(6, 9, 1, '1f 00')], [`media-form@${end([connect, publish])}`]],
    ['audio of format 12', [connect, publish, chunk(4, 8, 1, 'cf 00')], [`media-form@${end([connect, publish])}`]],
    [
      'video of an unknown FourCC',
      [connect, publish, chunk(6, 9, 1, '91 58585858 00')],
      [`media-form@${end([connect, publish])}`],
    ],
    ['empty audio is silence', [connect, publish, chunk(4, 8, 1, '')], []],
    [
      'audio that goes back in time, and video that stands still',
      [
        connect,
        publish,
        chunk(4, 8, 1, '2f 00', 0xfffffe),
        chunk(5, 8, 1, '2f 00', 10),
        chunk(6, 9, 1, '12 00', 20),
        chunk(6, 9, 1, '22 00', 20),
      ],
      [`timestamp-back@${end([connect, publish, chunk(4, 8, 1, '2f 00')])}`],
    ],
    [
      'time that wraps',
      [connect, publish, Buffer.from('04ffffff0000020801000000fffffffe2f00', 'hex'), chunk(4, 8, 1, '2f00', 4)],
      [],
    ],
    [
      'a sequence header of an earlier time',
      [
        connect,
        publish,
        chunk(4, 8, 1, 'af 00 1210', 9),
        chunk(4, 8, 1, 'af 01 21', 9),
        chunk(4, 8, 1, 'af 00 1210', 0),
      ],
      [],
    ],

    // Aggregates.
    [
      'an aggregate that is cut short',
      [connect, publish, chunk(6, 22, 1, '08 000002 000000 00 000000 2f00 0000000d 08 000009 000000 00 000000 2f')],
      [`RTMP_ERR_AGGREGATE@${end([connect, publish])}`],
    ],
    [
      'an aggregate with a wrong back pointer',
      [connect, publish, chunk(6, 22, 1, '08 000002 000000 00 000000 2f00 0000000c')],
      [`aggregate-back-pointer@${end([connect, publish])}`],
    ],
    [
      'an aggregate in an aggregate',
      [connect, publish, chunk(6, 22, 1, '16 000000 000000 00 000000 0000000b')],
      [`RTMP_ERR_AGGREGATE@${end([connect, publish])}`],
    ],
    [
      'a command in an aggregate',
      [
        connect,
        chunk(3, 22, 1, Buffer.concat([aggregated(20, publish.subarray(12)), aggregated(8, Buffer.of(0x2f, 0))])),
      ],
      [],
    ],
  ])('%s', (_name, bytes, expected) => {
    expect(after(bytes)).toEqual(expected)
  })

  it.each<[string, Buffer, string]>([
    ['TLS', Buffer.from('160301020001', 'hex'), 'not-rtmp'],
    ['HTTP', Buffer.from('POST /open/1 HTTP/1.1\r\n'), 'not-rtmp'],
    ['RTMPE', Buffer.concat([Buffer.of(6), Buffer.alloc(3072)]), 'encrypted'],
    [
      'a promise of a digest',
      Buffer.concat([Buffer.of(3), Buffer.alloc(4), Buffer.of(9, 0, 124, 2), Buffer.alloc(3064)]),
      'handshake-digest',
    ],
  ])('that begin as %s', (_name, bytes, code) => {
    const records = recordsOf(bytes)
    expect(ofKind(records, 'complaint').map(it => it.code)).toEqual([code])
    expect(records.at(-1)).toMatchObject({ kind: 'end', offset: bytes.length })
    seen.add(code)
  })

  it('the parts of an aggregate are read, with times of their own', () => {
    const body = '08 000002 000064 00 000000 2f00 0000000d 09 000002 000078 00 000000 1200'
    const records = recordsOf([handshake, connect, publish, chunk(6, 22, 1, body, 1000)])
    expect(complaintsOf(records)).toEqual([])
    expect(ofKind(records, 'message').at(-1)?.body).toEqual({
      parts: [
        {
          type: 'Audio',
          timestamp: 1000,
          length: 2,
          body: { header: 'legacy', codec: 'mp3', rate: 44100, bits: 16, channels: 2 },
        },
        { type: 'Video', timestamp: 1020, length: 2, body: { header: 'legacy', codec: 'h263', frame: 'Key' } },
      ],
    })
  })
})

describe('both directions', () => {
  type Step = readonly ['client' | 'server', Buffer]
  const begin: readonly Step[] = [
    ['client', handshake],
    ['server', handshake],
    ['client', connect],
    ['server', command(0, '_result', 1, {}, { code: 'NetConnection.Connect.Success' })],
    ['client', command(0, 'createStream', 2, null)],
    ['server', command(0, '_result', 2, null, 1)],
  ]

  function talk(steps: readonly Step[]): string[] {
    const records: DumpRecord[] = []
    const dump = new ConnectionDump(1, { client: 'a:1', server: 'b:2' }, undefined, {}, record => records.push(record))
    for (const [from, bytes] of steps) dump[from].push(bytes)
    for (const { code } of ofKind(records, 'complaint')) seen.add(code)
    return ofKind(records, 'complaint').map(({ from, code }) => `${from} ${code}`)
  }

  const play: Step = ['client', command(1, 'play', 3, null, 'name')]
  const audio: Step = ['server', chunk(4, 8, 1, '2f 00')]
  it.each<[string, Step[], string[]]>([
    ['nothing wrong', [play, audio, ['client', command(0, 'deleteStream', 0, null, 1)], audio], []],
    [
      'publish on a stream that was not created',
      [['client', command(2, 'publish', 3, null, 'n')]],
      ['client message-stream'],
    ],
    ['an answer to nothing', [['server', command(0, '_result', 9, null)]], ['server command-state']],
    [
      'createStream answered with 0',
      [
        ['client', command(0, 'createStream', 3, null)],
        ['server', command(0, '_result', 3, null, 0)],
      ],
      ['server command-form'],
    ],
    ['audio that nobody plays', [audio], ['server media-early']],
    [
      'publish again after it was refused',
      [
        ['client', publish],
        ['server', command(1, 'onStatus', 0, null, { level: 'error', code: 'NetStream.Publish.BadName' })],
        ['client', publish],
      ],
      [],
    ],
    [
      'a seek back',
      [play, ['server', chunk(4, 8, 1, '2f 00', 90)], ['client', command(1, 'seek', 0, null, 0)], audio],
      [],
    ],
    ['an answer twice', [['server', command(0, '_result', 2, null, 1)]], ['server command-state']],
    [
      'what a side that can not be read may have said',
      [
        ['server', Buffer.of(0xff)],
        ['client', command(2, 'publish', 3, null, 'n')],
        ['client', command(0, '_result', 9, null)],
      ],
      ['server RTMP_ERR_CHUNK_HEADER'],
    ],
    ['exactly two windows', [['server', chunk(2, 5, 0, '00000015')], play, audio, audio, audio], []],
    ['more acknowledged than sent', [['client', chunk(2, 3, 0, '000f4240')]], ['client acknowledgement-beyond']],
    ['what was sent acknowledged', [['client', chunk(2, 3, 0, '00000c01')]], []],
    [
      'two windows without an acknowledgement, told once',
      [['server', chunk(2, 5, 0, '00000014')], play, audio, audio, audio, audio],
      ['server acknowledgement-late'],
    ],
    [
      'windows that are acknowledged',
      [
        ['server', chunk(2, 5, 0, '00000014')],
        play,
        audio,
        audio,
        ['client', chunk(2, 3, 0, '00000c01')],
        audio,
        audio,
      ],
      [],
    ],
  ])('%s', (_name, steps, expected) => {
    expect(talk([...begin, ...steps])).toEqual(expected)
  })
})

it('all complaints but those about capture files and RTMFP are met here', () => {
  const missing = Object.keys(complaints).filter(code => !/^(capture|rtmfp)-/.test(code) && !seen.has(code))
  expect(missing).toEqual([])
})
