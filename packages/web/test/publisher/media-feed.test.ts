/// <reference lib="dom" />
import type { RtmpMessage } from '@rtmpipe/session/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type FeedSink, MediaFeed } from '../../src/browser/publisher/media-feed.ts'
import type { VideoChoice } from '../../src/browser/publisher/video-line.ts'

/** An encoder that gives what it has made when it is told to. */
class FakeEncoder {
  static opened: FakeEncoder[] = []
  state = 'unconfigured'
  encodeQueueSize = 0
  readonly #init: VideoEncoderInit
  #made: { timestamp: number; type: string }[] = []

  constructor(init: VideoEncoderInit) {
    this.#init = init
    FakeEncoder.opened.push(this)
  }

  configure() {
    this.state = 'configured'
  }

  encode({ timestamp }: { timestamp: number }, { keyFrame }: { keyFrame: boolean }) {
    this.#made.push({ timestamp, type: keyFrame ? 'key' : 'delta' })
  }

  give() {
    for (const made of this.#made.splice(0))
      this.#init.output({ ...made, byteLength: 1, copyTo: () => {} } as unknown as EncodedVideoChunk)
  }

  fail() {
    this.state = 'closed'
    this.#init.error(new DOMException('the encoder is gone', 'EncodingError'))
  }

  reset() {
    this.#made = []
    this.state = 'unconfigured'
  }

  close() {
    this.state = 'closed'
  }
}

let show: (timestamp: number) => Promise<void>

beforeEach(() => {
  FakeEncoder.opened = []
  vi.stubGlobal('VideoEncoder', FakeEncoder)
  vi.stubGlobal(
    'MediaStreamTrackProcessor',
    class {
      readonly readable = new ReadableStream<unknown>({
        start: controller => {
          show = async timestamp => {
            controller.enqueue({ timestamp: timestamp * 1000, displayWidth: 64, displayHeight: 64, close: () => {} })
            await new Promise(resolve => setImmediate(resolve))
          }
        },
      })
    },
  )
})

afterEach(() => void vi.unstubAllGlobals())

const choice: VideoChoice = {
  codec: 'vp09',
  string: 'vp09.00.30.08',
  width: 64,
  height: 64,
  frameRate: 30,
  bitrate: 1_000,
}

function setUp(told: Partial<FeedSink> = {}) {
  const [sent, failures]: [RtmpMessage[], string[]] = [[], []]
  const ended = vi.fn<() => void>()
  const sink: FeedSink = {
    isOpen: true,
    isFull: false,
    send: message => void sent.push(message),
    slow: () => {},
    failed: ({ message }) => void failures.push(message),
    ended,
    ...told,
  }
  const feed = new MediaFeed({ video: choice, audio: undefined, frameRate: undefined, keyframeInterval: 2_000 }, sink)
  feed.open(new EventTarget() as MediaStreamTrack, undefined)
  feed.startAgain()
  return { feed, sent, failures, ended, pictures: () => sent.filter(({ messageTypeId }) => messageTypeId === 9) }
}

const encoder = () => FakeEncoder.opened.at(-1) as FakeEncoder

test('to a new connection, no picture goes that was made for the one before', async () => {
  const { feed, pictures } = setUp()
  await show(0)
  encoder().give()
  expect(pictures().length).toBe(1)
  await show(40)
  feed.startAgain()
  await show(80)
  encoder().give()
  const [, first] = pictures()
  expect(pictures().length).toBe(2)
  expect(first).toMatchObject({ timestamp: 0 })
  // The frame type of the enhanced header.
  expect((first?.payload[0] ?? 0) & 0x70).toBe(0x10)
  feed.close()
})

test('encoders may fail now and then; several in a row are the end', async () => {
  const { feed, failures, ended } = setUp()
  for (let round = 0; round < 8; round += 1) {
    await show(round * 40)
    encoder().give()
    encoder().fail()
  }
  expect(failures.length).toBe(8)
  expect(ended).not.toHaveBeenCalled()
  for (let round = 0; round < 3; round += 1) encoder().fail()
  expect(ended).toHaveBeenCalledOnce()
  feed.close()
})

test('who ends it when an encoder fails leaves none open', () => {
  const { feed } = setUp({ failed: () => feed.close() })
  encoder().fail()
  expect(FakeEncoder.opened.map(({ state }) => state)).toEqual(['closed', 'closed'])
})
