/// <reference lib="dom" />
import type { VideoCodec } from '@rtmpipe/flv'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PictureDecoder } from '../../src/browser/player/picture-decoder.ts'
import type { FromPipeline } from '../../src/browser/player/protocol.ts'
import type { VideoSample } from '../../src/browser/player/sample-reader.ts'

/** Like a browser's: what is told to be a keyframe and is none is refused at once, as long as one is needed. */
class FakeDecoder {
  static decoded: number[] = []
  static opened: FakeDecoder[] = []
  static isConfigSupported = async () => ({ supported: true })
  state = 'unconfigured'
  decodeQueueSize = 0
  #needsKey = true
  readonly #init: VideoDecoderInit

  constructor(init: VideoDecoderInit) {
    this.#init = init
    FakeDecoder.opened.push(this)
  }

  configure() {
    this.state = 'configured'
    this.#needsKey = true
  }

  decode({ data, timestamp }: { data: Uint8Array; timestamp: number }) {
    if (this.#needsKey && data[0] !== 1) throw new DOMException('no keyframe', 'DataError')
    this.#needsKey = false
    FakeDecoder.decoded.push(timestamp)
  }

  fail() {
    this.state = 'closed'
    this.#init.error(new DOMException('broken', 'EncodingError'))
  }

  reset() {
    this.state = 'unconfigured'
  }

  close() {
    this.state = 'closed'
  }
}

beforeEach(() => {
  FakeDecoder.decoded = []
  FakeDecoder.opened = []
  vi.stubGlobal('VideoDecoder', FakeDecoder)
  vi.stubGlobal(
    'EncodedVideoChunk',
    class {
      constructor(init: object) {
        Object.assign(this, init)
      }
    },
  )
})

afterEach(() => void vi.unstubAllGlobals())

const config = Buffer.from([1, 0x64, 0, 0x1f, 0xff, 0xe0, 0, 0])

/** @param first 1 for what is a keyframe truly */
function sample(time: number, first: number, more: Partial<VideoSample> = {}): VideoSample {
  const codec: VideoCodec = 'avc1'
  const data = Buffer.from([first])
  const plain = { kind: 'video', codec, config, isKey: true, isNew: time === 0, isCut: false } as const
  return { ...plain, time, decodeTime: time, data, ...more }
}

function setUp() {
  const told: FromPipeline[] = []
  return { told, decoder: new PictureDecoder(message => void told.push(message)) }
}

test('what is told to be a keyframe and is none is left out, until a true one comes', async () => {
  const { decoder, told } = setUp()
  await decoder.take(sample(0, 5))
  await decoder.take(sample(40, 5, { isKey: false }))
  await decoder.take(sample(80, 1))
  await decoder.take(sample(120, 5, { isKey: false }))
  expect(FakeDecoder.decoded).toEqual([80_000, 120_000])
  expect(decoder.dropped).toBe(2)
  expect(told.map(({ type }) => type)).toEqual(['codec'])
})

test('what could not be decoded is tried again when the stream begins anew', async () => {
  const { decoder, told } = setUp()
  for (let place = 0; place < 8; place += 1) {
    await decoder.take(sample(place * 40, 1))
    FakeDecoder.opened.findLast(({ state }) => state === 'configured')?.fail()
  }
  expect(told.map(({ type }) => type)).toEqual(['codec', 'unsupported'])
  FakeDecoder.decoded = []
  await decoder.take(sample(400, 1))
  expect(FakeDecoder.decoded).toEqual([])
  await decoder.take(sample(440, 1, { isCut: true }))
  expect(FakeDecoder.decoded).toEqual([440_000])
})
