import { FlvDemuxer, FlvError, type MediaMessage } from '@rtmpipe/flv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cut, demux } from './support/demux.ts'
import { allFixtures, readFixture } from './support/fixtures.ts'
import { hex } from './support/hex.ts'

const header = '464c56 01 05 00000009 00000000'
const audio = '08 000004 00001a 00 000000 af012100 0000000f'
const video = '09 000002 000028 00 000000 1700 0000000d'

const audioMessage: MediaMessage = { messageTypeId: 8, messageStreamId: 0, timestamp: 26, payload: hex('af012100') }
const videoMessage: MediaMessage = { messageTypeId: 9, messageStreamId: 0, timestamp: 40, payload: hex('1700') }

describe.each([
  ['two tags', header + audio + video],
  ['flags that deny both', header.replace('05', '00') + audio + video],
  ['another version', header.replace(' 01 ', ' 02 ') + audio + video],
  ['a longer file header', `464c56 01 05 0000000b aabb 00000000${audio}${video}`],
  ['a data offset that is too small', `464c56 01 05 00000000 00000000${audio}${video}`],
  ['wrong back pointers', (header + audio + video).replace('0000000f', '00000000').replace('0000000d', 'ffffffff')],
  ['a first back pointer that is not 0', header.replace(' 00000000', ' 12345678') + audio + video],
  ['stream ids', (header + audio + video).replaceAll('00 000000 ', '00 000007 ')],
  ['an unknown tag', `${header}${audio}05 000003 000000 00 000000 aabbcc 0000000e${video}`],
  ['an encrypted tag', `${header}${audio}29 000002 000000 00 000000 1700 0000000d${video}`],
  ['a tag with reserved bits', `${header}${audio}49 000002 000000 00 000000 1700 0000000d${video}`],
  ['an empty unknown tag', `${header}${audio}00 000000 000000 00 000000 0000000b${video}`],
  ['an empty script tag', `${header}${audio}12 000000 000000 00 000000 0000000b${video}`],
  ['another file behind it', header + audio + header + video],
  ['another file behind a missing back pointer', header + audio.replace(' 0000000f', '') + header + video],
  ['no last back pointer', header + audio + video.replace(' 0000000d', '')],
  ['half a back pointer', `${header}${audio}${video}`.slice(0, -4)],
  ['half a tag header at the end', `${header}${audio}${video}09 0000`],
  ['half a tag at the end', `${header}${audio}${video}09 000005 000028 00 000000 2701`],
  ['zeros at the end', header + audio + video + '00'.repeat(100)],
  ['text at the end', header + audio + video + Buffer.from('IDIOTIC trailing text').toString('hex')],
])('a file with %s', (_, text) => {
  test('has its messages, whole and byte by byte', () => {
    const bytes = hex(text)
    expect(demux(bytes)).toEqual([audioMessage, videoMessage])
    expect(demux(...cut(bytes, [1]))).toEqual([audioMessage, videoMessage])
  })
})

test.each([
  ['00000000', 0],
  ['00001aff', 0xff00_001a],
  ['fffffeff', 0xffff_fffe],
  ['00000080', 0x8000_0000],
  ['34567812', 0x1234_5678],
])('the time %s is unsigned', (time, timestamp) => {
  expect(demux(hex(`${header} 09 000001 ${time} 000000 27`))[0]?.timestamp).toBe(timestamp)
})

test('empty audio and video tags are messages, meaning silence', () => {
  const messages = demux(hex(`${header} 08 000000 000001 00 000000 0000000b 09 000000 000002 00 000000 0000000b`))
  expect(messages.map(({ messageTypeId, payload }) => [messageTypeId, payload.length])).toEqual([
    [8, 0],
    [9, 0],
  ])
})

test('script tags are data messages, in AMF3 without their format byte, and without @setDataFrame', () => {
  const prefix = Buffer.from('\x02\x00\x0d@setDataFrame', 'latin1').toString('hex')
  const messages = demux(
    hex(`${header}
      12 000005 000000 00 000000 0200016105 00000010
      0f 000006 000000 00 000000 000200016105 00000011
      12 000015 000000 00 000000 ${prefix}0200016105 00000020`),
  )
  const data = { messageTypeId: 18, messageStreamId: 0, timestamp: 0, payload: hex('0200016105') }
  expect(messages).toEqual([data, data, data])
})

test('metadata without its end is given one', () => {
  const width = '0005 7769647468 00 4094000000000000'
  const body = `02 000a 6f6e4d65746144617461 08 00000001 ${width}`
  const [metadata] = demux(hex(`${header} 12 000022 000000 00 000000 ${body} 0000002d`))
  expect(metadata?.payload).toEqual(hex(`${body} 000009`))
})

describe('the header of a file', () => {
  test.each([
    ['05', true, true],
    ['04', true, false],
    ['01', false, true],
    ['fa', false, false],
  ])('with flags %s says audio: %s, video: %s', (flags, hasAudio, hasVideo) => {
    const demuxer = new FlvDemuxer()
    demuxer.push(hex(`464c56 01 ${flags}`), () => expect.unreachable())
    expect(demuxer.header).toBeUndefined()
    demuxer.push(hex('00000009 00000000'), () => expect.unreachable())
    expect(demuxer.header).toEqual({ hasAudio, hasVideo })
  })

  test('is that of the first file', () => {
    const demuxer = new FlvDemuxer()
    demuxer.push(hex(header + audio + header.replace(' 05 ', ' 01 ')), () => {})
    expect(demuxer.header).toEqual({ hasAudio: true, hasVideo: true })
  })
})

describe('what is not FLV', () => {
  test.each([
    ['an empty file', ''],
    ['half a signature', '464c'],
    ['half a header', '464c56 01 05 0000'],
    ['an MP4', '00000018 66747970'],
    ['HTML', '3c68746d6c3e'],
    ['an FLV not at the start', `00 ${header}`],
  ])('%s', (_, text) => {
    const error = expect.objectContaining({ name: 'FlvError', code: 'RTMP_ERR_FLV_HEADER' })
    expect(() => demux(hex(text))).toThrow(error)
    expect(() => demux(...cut(hex(text), [1]))).toThrow(error)
  })
})

describe('maxTagSize', () => {
  function sizes(text: string, maxTagSize: number): number[] {
    const found: number[] = []
    new FlvDemuxer({ maxTagSize }).push(hex(text), ({ payload }) => found.push(payload.length))
    return found
  }

  test('is the largest tag taken', () => {
    expect(sizes(header + audio, 4)).toEqual([4])
  })

  test('refuses a larger one at its header, after the messages before it', () => {
    const demuxer = new FlvDemuxer({ maxTagSize: 3 })
    const found: MediaMessage[] = []
    expect(() => demuxer.push(hex(`${header}${video} 08 000004 00001a 00 000000`), each => found.push(each))).toThrow(
      expect.objectContaining({ code: 'RTMP_ERR_FLV_TAG_SIZE', message: 'a tag of 4 bytes exceeds 3' }),
    )
    expect(found).toEqual([videoMessage])
  })

  test('leaves unknown tags alone: they are never held', () => {
    expect(sizes(`${header} 05 000005 000000 00 000000 aabbccddee 00000010 ${video}`, 3)).toEqual([2])
  })

  test('is by default what the format can express', () => {
    const body = Buffer.alloc(0xff_ffff, 0xab)
    const messages = demux(hex(`${header} 09 ffffff 000000 00 000000`), body.subarray(0, 1000), body.subarray(1000))
    expect(messages[0]?.payload.equals(body)).toBe(true)
  })
})

test('a long tag is held in memory as it arrives, not as it announces itself', () => {
  const never = () => expect.unreachable()
  const demuxers = Array.from({ length: 200 }, () => new FlvDemuxer())
  const before = process.memoryUsage().arrayBuffers
  for (const each of demuxers) each.push(hex(`${header} 09 ffffff 000000 00 000000 2701`), never)
  // 200 announced tags of 16 MiB, 2 bytes of each received.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024)
})

test('a body within one piece is a slice of it', () => {
  const bytes = hex(header + audio)
  new FlvDemuxer().push(bytes, ({ payload }) => expect(payload.buffer).toBe(bytes.buffer))
})

describe.each(allFixtures)('%s', name => {
  test('gives the same messages however it is split', () => {
    const bytes = readFixture(name)
    const whole = demux(bytes)
    expect(whole.length).toBeGreaterThan(20)
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 5000 })), {
      minLength: 1,
      maxLength: 20,
    })
    const property = fc.property(sizes, each => {
      const messages = demux(...cut(bytes, each))
      expect(messages.length).toBe(whole.length)
      messages.forEach((message, index) => {
        const { payload, ...rest } = whole[index]!
        expect(message.payload.equals(payload)).toBe(true)
        expect(message).toMatchObject(rest)
      })
    })
    fc.assert(property, { numRuns: 10, examples: [[[1]]] })
  })
})

test('damaged files give messages or an FlvError, the same for every split', () => {
  const bytes = readFixture('h264-aac').subarray(0, 3000)
  const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 10 })
  const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 10 })
  const property = fc.property(damage, sizes, (changes, each) => {
    const damaged = Buffer.from(bytes)
    for (const [at, value] of changes) damaged[at] = value
    expect(outcome(cut(damaged, each))).toEqual(outcome([damaged]))
  })
  fc.assert(property, { numRuns: 300 })
})

function outcome(pieces: readonly Uint8Array[]): unknown {
  try {
    return demux(...pieces).map(({ messageTypeId, timestamp, payload }) => [messageTypeId, timestamp, payload.length])
  } catch (error) {
    expect(error).toBeInstanceOf(FlvError)
    return (error as FlvError).code
  }
}
