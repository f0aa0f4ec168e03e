/// <reference lib="dom" />
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { AudioSample } from '../../src/browser/player/sample-reader.ts'
import { SoundDecoder } from '../../src/browser/player/sound-decoder.ts'
import type { SoundBlock } from '../../src/browser/player/sound-ring.ts'

/** Like Chromium's: it takes the first timestamp, and counts samples from there. */
class CountingDecoder {
  static isConfigSupported = async () => ({ supported: true })
  static opened: CountingDecoder[] = []
  state = 'unconfigured'
  decodeQueueSize = 0
  #next: number | undefined
  readonly #init: AudioDecoderInit

  constructor(init: AudioDecoderInit) {
    this.#init = init
    CountingDecoder.opened.push(this)
  }

  configure() {
    this.state = 'configured'
  }

  decode({ timestamp }: { timestamp: number }) {
    this.#next ??= timestamp
    this.give(this.#next)
    this.#next += 20_000
  }

  give(timestamp: number) {
    const shape = { sampleRate: 48_000, numberOfChannels: 1, numberOfFrames: 960, duration: 20_000 }
    this.#init.output({ ...shape, timestamp, copyTo: () => {}, close: () => {} } as unknown as AudioData)
  }

  close() {
    this.state = 'closed'
  }
}

beforeEach(() => {
  CountingDecoder.opened = []
  vi.stubGlobal('AudioDecoder', CountingDecoder)
  vi.stubGlobal(
    'EncodedAudioChunk',
    class {
      constructor(init: object) {
        Object.assign(this, init)
      }
    },
  )
})

afterEach(() => void vi.unstubAllGlobals())

/** Opus, 20 ms, mono. */
function sample(time: number, more: Partial<AudioSample> = {}): AudioSample {
  const plain = { kind: 'audio', codec: 'Opus', config: undefined, isNew: false, isCut: false } as const
  return { ...plain, time, data: Buffer.from([0x78, 0]), ...more }
}

async function setUp() {
  const times: number[] = []
  const port = { postMessage: ({ time }: SoundBlock) => void times.push(time), close: () => {} }
  const decoder = new SoundDecoder(() => {})
  decoder.listen(port as unknown as MessagePort, 48_000)
  await decoder.take(sample(0, { isNew: true }))
  return { decoder, times }
}

test('what is missing in the stream is missing in the time of its sound, though the decoder only counts', async () => {
  const { decoder, times } = await setUp()
  for (const time of [20, 40, 340, 360]) await decoder.take(sample(time))
  expect(times).toEqual([0, 20, 40, 340, 360])
  decoder.close()
})

test('a decoder that gives more than it was given goes on from there', async () => {
  const { decoder, times } = await setUp()
  CountingDecoder.opened[0]?.give(20_000)
  await decoder.take(sample(40))
  expect(times).toEqual([0, 20, 40])
  decoder.close()
})
