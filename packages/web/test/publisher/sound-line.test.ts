/// <reference lib="dom" />
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type AudioChoice, SoundLine } from '../../src/browser/publisher/sound-line.ts'

/** Microseconds of a block of sound. */
const block = 10_000

/** Like Chromium's: it takes the first timestamp, and counts from there. */
class CountingEncoder {
  state = 'unconfigured'
  protected next: number | undefined
  readonly #init: AudioEncoderInit

  constructor(init: AudioEncoderInit) {
    this.#init = init
  }

  configure() {
    this.state = 'configured'
    this.next = undefined
  }

  encode(data: AudioData) {
    const timestamp = this.#timeOf(data)
    this.next = timestamp + block
    this.#init.output({ timestamp, byteLength: 1, copyTo: () => {} } as unknown as EncodedAudioChunk, {})
  }

  #timeOf({ timestamp }: AudioData): number {
    return this.counts ? (this.next ?? timestamp) : timestamp
  }

  get counts(): boolean {
    return true
  }

  reset() {
    this.state = 'unconfigured'
  }

  close() {
    this.state = 'closed'
  }
}

/** As others may be. */
class FaithfulEncoder extends CountingEncoder {
  override get counts(): boolean {
    return false
  }
}

class FakeSound {
  readonly sampleRate = 48_000
  readonly numberOfChannels = 2
  readonly numberOfFrames = 480
  readonly timestamp: number

  constructor({ timestamp }: { timestamp: number }) {
    this.timestamp = timestamp
  }

  copyTo() {}
  close() {}
}

beforeEach(() => void vi.stubGlobal('AudioData', FakeSound))
afterEach(() => void vi.unstubAllGlobals())

const choice: AudioChoice = { codec: 'opus', bitrate: 96_000, sampleRate: 48_000, channels: 2 }

function setUp(encoder: typeof CountingEncoder) {
  vi.stubGlobal('AudioEncoder', encoder)
  const times: number[] = []
  const line = new SoundLine(
    choice,
    (_, time) => void times.push(time),
    error => {
      throw error
    },
  )
  /** Sound that was recorded between these milliseconds. */
  const hear = (from: number, to: number) => {
    for (let at = from; at < to; at += 10) line.encode(new FakeSound({ timestamp: at * 1000 }) as unknown as AudioData)
  }
  return { line, times, hear }
}

test.for([CountingEncoder, FaithfulEncoder])('sound that was never recorded moves no other sound (%s)', encoder => {
  const { times, hear } = setUp(encoder)
  hear(0, 1_000)
  expect(times.at(-1)).toBeCloseTo(990, 0)
  // As when a busy computer loses some, time after time.
  for (let second = 0; second < 5; second += 1) hear(1_030 + second * 1_030, 2_030 + second * 1_030)
  expect(times.at(-1)).toBeCloseTo(6_140, 0)
})

test('to a new connection, sound has the time of now', () => {
  const { line, times, hear } = setUp(CountingEncoder)
  hear(0, 1_000)
  line.startAgain()
  hear(5_000, 5_010)
  expect(times.at(-1)).toBe(5_000)
})
