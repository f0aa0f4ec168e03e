import { codecName } from './codec-names.ts'
import { audioCodecString } from './codec-strings.ts'
import { own } from './picture-decoder.ts'
import type { Post } from './protocol.ts'
import type { AudioSample } from './sample-reader.ts'
import { soundFormat } from './sound-format.ts'
import type { SoundBlock } from './sound-ring.ts'

/** Decoders in a row that fail before they give any sound. */
const maxFailures = 5
/** Samples that may wait for a decoder; a late player gets seconds of them at once. */
const maxQueued = 512
/** Those whose times are remembered: more than wait, if the decoder gives none for some. */
const maxTimes = maxQueued + 16

/** Makes sound of samples, once somebody wants to hear it. */
export class SoundDecoder {
  readonly #post: Post
  #decoder: AudioDecoder | undefined
  #config: AudioDecoderConfig | undefined
  #port: MessagePort | undefined
  #rate = 0
  /** When what is in the decoder is to be heard: some decoders count samples, and know nothing of those that are missing. */
  #times: number[] = []
  #end = 0
  #told = ''
  /** What people call the codec, and the last one that is not supported. */
  #name = ''
  #unsupported = ''
  #isClosed = false
  #failures = 0

  constructor(post: Post) {
    this.#post = post
  }

  /** Where sound of that rate goes from now on. */
  listen(port: MessagePort | undefined, rate: number): void {
    this.#port?.close()
    this.#port = port
    this.#rate = rate
    if (port === undefined) this.#stop()
  }

  async take(sample: AudioSample): Promise<void> {
    if (sample.isCut) this.#cut()
    if (sample.isNew) await this.#learn(sample)
    if (this.#config === undefined || this.#port === undefined) return
    this.#decoder ??= this.#open(this.#config)
    if (this.#decoder.decodeQueueSize > maxQueued) return
    const timestamp = Math.round(sample.time * 1000)
    this.#times.push(sample.time)
    if (this.#times.length > maxTimes) this.#times.shift()
    this.#decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp, data: own(sample.data) }))
  }

  close(): void {
    this.#isClosed = true
    this.listen(undefined, 0)
    this.#config = undefined
  }

  /** A decoder may not like what does not follow. */
  #cut(): void {
    this.#stop()
    this.#port?.postMessage('cut')
  }

  async #learn({ codec, config, data }: AudioSample): Promise<void> {
    this.#stop()
    this.#config = undefined
    this.#name = codecName(codec)
    // The header may still come.
    if (codec === 'mp4a' && config === undefined) return
    const text = audioCodecString(codec, config)
    const format = soundFormat(codec, config, data)
    if (text === undefined || format === undefined) return this.#refuse()
    const { sampleRate, channels: numberOfChannels } = format
    const wanted: AudioDecoderConfig = {
      codec: text,
      sampleRate,
      numberOfChannels,
      ...(config !== undefined && config.length > 1 && { description: own(config) }),
    }
    if (!(await isSupported(wanted))) return this.#refuse()
    if (this.#isClosed) return
    this.#unsupported = ''
    this.#post({ type: 'codec', kind: 'audio', name: this.#name })
    this.#config = wanted
    this.#tell(sampleRate, numberOfChannels)
  }

  #tell(sampleRate: number, channels: number): void {
    const text = `${sampleRate} ${channels}`
    if (this.#told === text) return
    this.#told = text
    this.#post({ type: 'format', sampleRate, channels })
  }

  #refuse(): void {
    this.#stop()
    this.#config = undefined
    if (this.#unsupported === this.#name) return
    this.#unsupported = this.#name
    this.#post({ type: 'unsupported', kind: 'audio', name: this.#name })
  }

  #open(config: AudioDecoderConfig): AudioDecoder {
    const decoder = new AudioDecoder({
      output: data => this.#heard(data),
      error: () => {
        if (this.#decoder !== decoder) return
        this.#decoder = undefined
        this.#failures += 1
        if (this.#failures > maxFailures) this.#refuse()
      },
    })
    decoder.configure(config)
    this.#times = []
    return decoder
  }

  #stop(): void {
    if (this.#decoder?.state !== 'closed') this.#decoder?.close()
    this.#decoder = undefined
  }

  #heard(data: AudioData): void {
    this.#failures = 0
    const { sampleRate, numberOfChannels, numberOfFrames, duration } = data
    const time = this.#times.shift() ?? this.#end
    this.#end = time + duration / 1000
    // The decoder knows better than the header: AAC may have twice the rate that it tells.
    this.#tell(sampleRate, numberOfChannels)
    if (this.#port !== undefined && sampleRate === this.#rate) {
      const planes = Array.from({ length: numberOfChannels }, (_, planeIndex) => {
        const plane = new Float32Array(numberOfFrames)
        data.copyTo(plane, { planeIndex, format: 'f32-planar' })
        return plane
      })
      const block: SoundBlock = { planes, time }
      this.#port.postMessage(
        block,
        planes.map(({ buffer }) => buffer),
      )
    }
    data.close()
  }
}

async function isSupported(config: AudioDecoderConfig): Promise<boolean> {
  try {
    return (await AudioDecoder.isConfigSupported(config)).supported === true
  } catch {
    return false
  }
}
