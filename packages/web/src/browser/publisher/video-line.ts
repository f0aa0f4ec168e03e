import type { PictureShape, PublishedVideo } from './codecs.ts'
import { videoCodecStrings, firstSupported } from './codecs.ts'
import { type CodedPicture, VideoTags } from './video-tags.ts'

/** How an encoder for pictures is to be. */
export interface VideoChoice extends PictureShape {
  readonly codec: PublishedVideo
  /** Bits per second. */
  readonly bitrate: number
  /** As WebCodecs calls codec, profile and level. */
  readonly string: string
}

/** The first of the codecs that this browser encodes. */
export async function chooseVideo(
  codecs: readonly PublishedVideo[],
  shape: PictureShape,
  bitrate: number,
): Promise<VideoChoice | undefined> {
  const choices = codecs.flatMap(codec =>
    videoCodecStrings(codec, shape).map(string => ({ ...shape, codec, bitrate, string })),
  )
  return firstSupported(choices, choice => VideoEncoder.isConfigSupported(configOf(choice)))
}

function configOf({ string, width, height, bitrate, frameRate }: VideoChoice): VideoEncoderConfig {
  return {
    codec: string,
    width,
    height,
    bitrate,
    framerate: frameRate,
    latencyMode: 'realtime',
    ...(string.startsWith('avc1') && { avc: { format: 'avc' } }),
  }
}

/** Pictures on their way from the camera through an encoder to bodies of messages. */
export class VideoLine {
  readonly #tags: VideoTags
  readonly #encoder: VideoEncoder
  #choice: VideoChoice
  #keyframeAt = -Infinity

  /**
   * @param coded is given the bodies for one picture, and its time by the track's clock, milliseconds
   * @param failed the encoder has ended
   */
  constructor(choice: VideoChoice, coded: (bodies: Buffer[], time: number) => void, failed: (error: Error) => void) {
    this.#choice = choice
    this.#tags = new VideoTags(choice.codec)
    this.#encoder = new VideoEncoder({
      output: (chunk, metadata) => coded(this.#tags.of(codedPicture(chunk, metadata)), chunk.timestamp / 1000),
      error: failed,
    })
    this.#encoder.configure(configOf(choice))
  }

  /** What is made now. */
  get choice(): VideoChoice {
    return this.#choice
  }

  /** Pictures that wait for the encoder. */
  get waiting(): number {
    return this.#encoder.encodeQueueSize
  }

  /** The next picture is a keyframe, with a header before it: for a new listener. */
  startAgain(): void {
    this.#tags.startAgain()
    this.#keyframeAt = -Infinity
  }

  /** @param keyframeInterval milliseconds */
  encode(frame: VideoFrame, now: number, bitrate: number, keyframeInterval: number): void {
    if (this.#encoder.state !== 'configured') return
    const { width, height } = sizeOf(frame)
    const { width: wasWide, height: wasHigh, bitrate: before } = this.#choice
    const isResized = width !== wasWide || height !== wasHigh
    if (isResized || bitrate !== before) {
      this.#choice = { ...this.#choice, width, height, bitrate }
      if (isResized) this.#choice = { ...this.#choice, string: this.#stringFor(this.#choice) }
      this.#encoder.configure(configOf(this.#choice))
      if (isResized) this.#keyframeAt = -Infinity
    }
    const keyFrame = now - this.#keyframeAt >= keyframeInterval
    if (keyFrame) this.#keyframeAt = now
    this.#encoder.encode(frame, { keyFrame })
  }

  close(): void {
    if (this.#encoder.state !== 'closed') this.#encoder.close()
  }

  /** The same profile, with a level for the new size. */
  #stringFor(choice: VideoChoice): string {
    const profile = (string: string): string => string.slice(0, 9)
    const strings = videoCodecStrings(choice.codec, choice)
    return strings.find(string => profile(string) === profile(choice.string)) ?? strings[0] ?? choice.string
  }
}

/** Size of what is shown: even numbers, which most encoders want. */
export function sizeOf({ displayWidth, displayHeight }: VideoFrame): {
  readonly width: number
  readonly height: number
} {
  return { width: Math.max(displayWidth & ~1, 2), height: Math.max(displayHeight & ~1, 2) }
}

function codedPicture(chunk: EncodedVideoChunk, metadata?: EncodedVideoChunkMetadata): CodedPicture {
  const data = Buffer.alloc(chunk.byteLength)
  chunk.copyTo(data)
  return { isKeyframe: chunk.type === 'key', data, description: bytesOf(metadata?.decoderConfig?.description) }
}

/** A copy of what an encoder says. */
export function bytesOf(source: AllowSharedBufferSource | undefined): Buffer | undefined {
  if (source === undefined) return undefined
  return Buffer.from(
    ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source),
  )
}
