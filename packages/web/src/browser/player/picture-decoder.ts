import { codecName } from './codec-names.ts'
import { videoCodecString } from './codec-strings.ts'
import { DecodeQueue } from './decode-queue.ts'
import type { Post } from './protocol.ts'
import type { VideoSample } from './sample-reader.ts'

/** Decoders in a row that fail before they give a picture. */
const maxFailures = 5
/** Pictures in a decoder whose arrival is remembered. */
const maxArrivals = 256

/** Makes pictures of samples. */
export class PictureDecoder {
  readonly #post: Post
  readonly #queue = new DecodeQueue()
  /** When a picture came, by its time in microseconds. */
  readonly #arrivals = new Map<number, number>()
  #decoder: VideoDecoder | undefined
  #config: VideoDecoderConfig | undefined
  #failures = 0
  /** What people call the codec, and the last one that is not supported. */
  #name = ''
  #unsupported = ''
  #isClosed = false
  #decoded = 0
  #dropped = 0

  constructor(post: Post) {
    this.#post = post
  }

  get decoded(): number {
    return this.#decoded
  }

  /** Pictures that were not decoded, or not asked for any more. */
  get dropped(): number {
    return this.#dropped
  }

  async take(sample: VideoSample): Promise<void> {
    if (sample.isCut) this.#cut()
    if (sample.isNew) await this.#learn(sample)
    if (this.#config === undefined) return
    if (this.#decoder === undefined) {
      this.#decoder = this.#open(this.#config)
      this.#queue.wait()
    }
    const { isKey, time, data } = sample
    const verdict = this.#queue.take(isKey, time, this.#decoder.decodeQueueSize, performance.now())
    if (verdict === 'restart') this.#restart(this.#decoder, this.#config)
    if (verdict === 'drop') {
      this.#dropped += 1
      return
    }
    const timestamp = Math.round(time * 1000)
    this.#remember(timestamp)
    this.#decoder.decode(new EncodedVideoChunk({ type: isKey ? 'key' : 'delta', timestamp, data: own(data) }))
  }

  close(): void {
    this.#isClosed = true
    this.#stop()
  }

  #stop(): void {
    if (this.#decoder?.state !== 'closed') this.#decoder?.close()
    this.#decoder = this.#config = undefined
  }

  /** What waits belongs to something else. */
  #cut(): void {
    this.#queue.wait()
    if (this.#decoder !== undefined && this.#config !== undefined) this.#restart(this.#decoder, this.#config)
  }

  /** Configures the decoder for what comes. */
  async #learn({ codec, config }: VideoSample): Promise<void> {
    this.#name = codecName(codec)
    this.#config = undefined
    const described = codec === 'avc1' || codec === 'hvc1'
    // The header may still come.
    if (described && config === undefined) return
    const text = videoCodecString(codec, config)
    const wanted: VideoDecoderConfig = {
      codec: text ?? codec,
      ...(described && config !== undefined && { description: own(config) }),
      optimizeForLatency: true,
    }
    if (text === undefined || !(await isSupported(wanted))) return this.#refuse()
    if (this.#isClosed) return
    this.#unsupported = ''
    this.#post({ type: 'codec', kind: 'video', name: this.#name })
    this.#config = wanted
    if (this.#decoder === undefined) return
    this.#decoder.configure(wanted)
    this.#queue.wait()
  }

  #refuse(): void {
    this.#stop()
    if (this.#unsupported === this.#name) return
    this.#unsupported = this.#name
    this.#post({ type: 'unsupported', kind: 'video', name: this.#name })
  }

  #open(config: VideoDecoderConfig): VideoDecoder {
    const decoder = new VideoDecoder({
      output: frame => this.#shown(frame),
      error: () => {
        if (this.#decoder !== decoder) return
        this.#decoder = undefined
        this.#failures += 1
        if (this.#failures > maxFailures) this.#refuse()
      },
    })
    decoder.configure(config)
    return decoder
  }

  #restart(decoder: VideoDecoder, config: VideoDecoderConfig): void {
    this.#dropped += decoder.decodeQueueSize
    decoder.reset()
    decoder.configure(config)
  }

  #remember(timestamp: number): void {
    this.#arrivals.set(timestamp, performance.timeOrigin + performance.now())
    const [oldest] = this.#arrivals.keys()
    if (this.#arrivals.size > maxArrivals && oldest !== undefined) this.#arrivals.delete(oldest)
  }

  #shown(frame: VideoFrame): void {
    const { timestamp } = frame
    const arrived = this.#arrivals.get(timestamp) ?? performance.timeOrigin + performance.now()
    this.#arrivals.delete(timestamp)
    this.#failures = 0
    this.#decoded += 1
    this.#post({ type: 'picture', frame, time: timestamp / 1000, arrived }, [frame])
  }
}

/** WebCodecs throws for what is no codec at all. */
async function isSupported(config: VideoDecoderConfig): Promise<boolean> {
  try {
    return (await VideoDecoder.isConfigSupported(config)).supported === true
  } catch {
    return false
  }
}

/** Bytes of a message as WebCodecs takes them: what is shared with other messages is copied by it. */
export function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
}
