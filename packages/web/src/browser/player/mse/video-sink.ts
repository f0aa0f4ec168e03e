import type { MediaMessage } from '@rtmpipe/flv'
import { codecName } from '../codec-names.ts'
import { audioCodecString, videoCodecString } from '../codec-strings.ts'
import type { Post } from '../protocol.ts'
import { type Sample, SampleReader } from '../sample-reader.ts'
import type { Taker } from '../watch.ts'
import { describeAudio, describeVideo } from './entries.ts'
import { fragment, initSegment } from './fragments.ts'
import { TrackBuffer } from './track-buffer.ts'

/** Seconds behind the newest: what is begun with, and from which on it goes there at once. */
const [behind, late] = [0.25, 1]
/** Milliseconds of a sample until the next one tells. */
const usualDuration = 40

/** Phones have media sources that they manage themselves, and no others. */
const { ManagedMediaSource, MediaSource: PlainMediaSource } = globalThis as {
  readonly ManagedMediaSource?: typeof MediaSource
  readonly MediaSource?: typeof MediaSource
}

/** Plays messages by a video element, as MP4 that is made here: for browsers without WebCodecs. */
export class VideoSink implements Taker {
  readonly #video: HTMLVideoElement
  readonly #post: Post
  readonly #source: MediaSource
  readonly #isSupported: (type: string) => boolean
  readonly #reader = new SampleReader()
  readonly #tracks: Record<
    Sample['kind'],
    { readonly buffer: TrackBuffer; last: number; count: number; waits: boolean }
  >
  readonly #url: string
  #unsupported = new Set<string>()
  #decoded = 0

  constructor(video: HTMLVideoElement, post: Post) {
    this.#video = video
    this.#post = post
    const Source = ManagedMediaSource ?? PlainMediaSource
    if (Source === undefined) throw new TypeError('this browser plays no live streams')
    this.#source = new Source()
    this.#isSupported = type => Source.isTypeSupported(type)
    const track = () => ({ buffer: new TrackBuffer(this.#source), last: Number.NaN, count: 0, waits: true })
    this.#tracks = { video: track(), audio: track() }
    this.#source.addEventListener('sourceopen', () => this.#each(buffer => buffer.next()))
    this.#url = URL.createObjectURL(this.#source)
    video.disableRemotePlayback = true
    video.src = this.#url
  }

  cut(): void {
    this.#reader.cut()
  }

  async take(message: MediaMessage): Promise<void> {
    const sample = this.#reader.read(message)
    if (sample === undefined) return
    if (sample.isNew) this.#describe(sample)
    this.#add(sample)
    this.#follow()
  }

  close(): void {
    this.#video.removeAttribute('src')
    this.#video.load()
    URL.revokeObjectURL(this.#url)
  }

  #describe(sample: Sample): void {
    const { kind, codec, config } = sample
    const isVideo = kind === 'video'
    // The header may still come.
    if (config === undefined && (codec === 'avc1' || codec === 'hvc1' || codec === 'mp4a')) return
    const text = isVideo ? videoCodecString(sample.codec, config) : audioCodecString(sample.codec, config)
    const described = isVideo ? describeVideo(sample) : describeAudio(sample)
    const type = `${kind}/mp4; codecs="${text}"`
    const name = codecName(codec)
    if (text === undefined || described === undefined || !this.#isSupported(type)) {
      if (this.#unsupported.has(name)) return
      this.#unsupported.add(name)
      this.#post({ type: 'unsupported', kind, name })
      return
    }
    this.#post({ type: 'codec', kind, name })
    this.#tracks[kind].buffer.describe(type, initSegment(described))
  }

  #add(sample: Sample): void {
    const { kind, codec, time, data, isCut } = sample
    const track = this.#tracks[kind]
    const isKey = kind === 'audio' || sample.isKey
    const decodeTime = Math.round(kind === 'video' ? sample.decodeTime : time)
    if (isCut) track.waits = true
    if (this.#unsupported.has(codecName(codec)) || !track.buffer.isOpen || decodeTime < 0) return
    if (track.waits && !isKey) return
    track.waits = false
    const step = decodeTime - track.last
    track.last = decodeTime
    const duration = step > 0 && step < 1_000 ? step : usualDuration
    track.count += 1
    const offset = Math.round(time) - decodeTime
    track.buffer.append(fragment(track.count, { decodeTime, duration, offset, isKey, data }))
    if (kind === 'video') this.#post({ type: 'counts', decoded: ++this.#decoded, dropped: 0 })
  }

  /** Stays close to the newest, and holds little of what was shown. */
  #follow(): void {
    const { buffered, currentTime } = this.#video
    if (buffered.length === 0) return
    const end = buffered.end(buffered.length - 1)
    if (end - currentTime > late || currentTime < buffered.start(buffered.length - 1))
      this.#video.currentTime = Math.max(end - behind, buffered.start(buffered.length - 1))
    this.#each(buffer => buffer.forget(this.#video.currentTime))
  }

  #each(act: (buffer: TrackBuffer) => void): void {
    for (const { buffer } of Object.values(this.#tracks)) act(buffer)
  }
}
