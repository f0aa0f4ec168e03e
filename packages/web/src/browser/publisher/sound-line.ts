import { AudioTags } from './audio-tags.ts'
import { audioCodecStrings, firstSupported, type PublishedAudio } from './codecs.ts'
import { SampleCount } from './sample-count.ts'
import { bytesOf } from './video-line.ts'

/** How an encoder for sound is to be. */
export interface AudioChoice {
  readonly codec: PublishedAudio
  /** Bits per second. */
  readonly bitrate: number
  readonly sampleRate: number
  readonly channels: number
}

/** The first of the codecs that this browser encodes. */
export async function chooseAudio(
  codecs: readonly PublishedAudio[],
  shape: Omit<AudioChoice, 'codec'>,
): Promise<AudioChoice | undefined> {
  const choices = codecs.map(codec => ({ ...shape, codec }))
  return firstSupported(choices, choice => AudioEncoder.isConfigSupported(configOf(choice)))
}

function configOf({ codec, bitrate, sampleRate, channels: numberOfChannels }: AudioChoice): AudioEncoderConfig {
  return { codec: audioCodecStrings[codec], bitrate, sampleRate, numberOfChannels }
}

/** Sound on its way from the microphone through an encoder to bodies of messages. */
export class SoundLine {
  readonly #tags: AudioTags
  readonly #encoder: AudioEncoder
  #choice: AudioChoice
  #count = new SampleCount()

  /**
   * @param coded is given the bodies for one packet, and its time by the track's clock, milliseconds
   * @param failed the encoder has ended
   */
  constructor(choice: AudioChoice, coded: (bodies: Buffer[], time: number) => void, failed: (error: Error) => void) {
    this.#choice = choice
    this.#tags = new AudioTags(choice.codec)
    this.#encoder = new AudioEncoder({
      output: (chunk, metadata) => {
        const data = Buffer.alloc(chunk.byteLength)
        chunk.copyTo(data)
        const bodies = this.#tags.of(data, bytesOf(metadata?.decoderConfig?.description))
        coded(bodies, this.#count.timeOf(chunk.timestamp / 1000))
      },
      error: failed,
    })
  }

  /** What is made now. */
  get choice(): AudioChoice {
    return this.#choice
  }

  /** A header comes before the next packet: for a new listener. */
  startAgain(): void {
    this.#tags.startAgain()
    // It would join the sound of now to that of before.
    if (this.#encoder.state === 'configured') this.#encoder.reset()
  }

  encode(data: AudioData): void {
    if (this.#encoder.state === 'closed') return
    const { sampleRate, numberOfChannels: channels } = data
    const isOther = sampleRate !== this.#choice.sampleRate || channels !== this.#choice.channels
    if (isOther || this.#encoder.state === 'unconfigured') {
      this.#choice = { ...this.#choice, sampleRate, channels }
      this.#encoder.configure(configOf(this.#choice))
      this.#count = new SampleCount()
    }
    const counted = stamped(data, this.#count.take(data))
    this.#encoder.encode(counted)
    counted.close()
  }

  close(): void {
    if (this.#encoder.state !== 'closed') this.#encoder.close()
  }
}

/** The same sound with another timestamp, in milliseconds. */
function stamped(sound: AudioData, timestamp: number): AudioData {
  const { sampleRate, numberOfFrames, numberOfChannels } = sound
  const data = new Float32Array(numberOfFrames * numberOfChannels)
  for (let planeIndex = 0; planeIndex < numberOfChannels; planeIndex += 1) {
    const plane = data.subarray(planeIndex * numberOfFrames, (planeIndex + 1) * numberOfFrames)
    sound.copyTo(plane, { planeIndex, format: 'f32-planar' })
  }
  const shape = { sampleRate, numberOfFrames, numberOfChannels }
  return new AudioData({ ...shape, format: 'f32-planar', timestamp: Math.round(timestamp * 1000), data })
}
