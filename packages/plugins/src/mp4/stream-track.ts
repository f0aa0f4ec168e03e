import type { AmfObject } from '@rtmpipe/amf'
import type { AudioCodec, VideoCodec } from '@rtmpipe/flv'
import type { OutputSample, OutputTrack } from './output.ts'
import { Mp4Error } from './errors.ts'
import { describeAudio } from './stream-audio.ts'
import type { StreamDescription, StreamSample } from './stream-samples.ts'
import { describeVideo } from './stream-video.ts'

/** Bytes of a sequence header; real ones have some hundreds. */
const maxHeader = 64 * 1024
/** Codecs whose frames say all that a decoder wants to know. */
const isSelfDescribing: ReadonlySet<string> = new Set(['mp3', 'ac-3', 'ec-3'])
/** What a sample entry of sound says of channels and sample rate: the fields before its boxes (ISO/IEC 14496-12 §12.2.3). */
const [soundStart, soundEnd] = [4, 36]

/** A track of a live stream as MP4 has it: one description, made of its first keyframe, to which all of its frames belong. */
export class StreamTrack {
  /** What MP4 says of the track. */
  readonly output: OutputTrack
  /** As Enhanced RTMP calls it. */
  readonly codec: VideoCodec | AudioCodec
  /** As RTMP has it. */
  readonly trackId: number
  /** Length of the stream when the track's last frame came. */
  lastSeen = 0
  /** Whether it has had a frame. */
  begun = false
  /** Samples of the next fragment. */
  samples: OutputSample[] = []
  readonly #properties: AmfObject
  /** The newest header. */
  #header: Uint8Array | undefined
  /** The configuration that is in force: that of the newest header, or of a keyframe after it. */
  #config: Uint8Array | undefined
  /** That of the description. */
  readonly #described: Uint8Array | undefined

  /**
   * @param sample a keyframe, or sound
   * @param header body of the sequence header of this codec; undefined if none came
   * @param properties the publisher's metadata
   * @throws Mp4Error for what MP4 has no place for, or does not know enough of
   */
  constructor(sample: StreamSample, header: Uint8Array | undefined, properties: AmfObject) {
    if ((header?.length ?? 0) > maxHeader) throw new Mp4Error(`a sequence header of ${header?.length} bytes`)
    const { output, config } = describe(sample, header, properties)
    this.output = output
    this.trackId = sample.trackId
    this.codec = sample.codec
    this.#properties = properties
    this.#header = header
    this.#config = this.#described = config
  }

  /** The decoder's configuration that the description was made of; undefined where frames say all. */
  get config(): Uint8Array | undefined {
    return this.#described
  }

  /** Takes a sequence header: from now on, frames may belong to another description. */
  configure({ codec, data }: StreamSample): void {
    if (codec !== this.codec || isSame(this.#header, data)) return
    this.#header = this.#config = data
  }

  /** True if a frame belongs to the description. Pictures that are no keyframes go with the keyframe before them. */
  fits(sample: StreamSample): boolean {
    if (sample.codec !== this.codec) return false
    if (sample.kind === 'video' && sample.isKey) return this.#isDescribed(sample)
    return isSelfDescribing.has(this.codec) ? this.#sounds(sample) : isSame(this.#config, this.#described)
  }

  /** Takes a frame that fits. */
  add(sample: OutputSample): void {
    // A keyframe that fits has the configuration of the description, whatever the header is.
    if (sample.isSync) this.#config = this.#described
    this.begun = true
    this.samples.push(sample)
  }

  #isDescribed(keyframe: StreamSample): boolean {
    try {
      return describe(keyframe, this.#config, this.#properties).output.entry.equals(this.output.entry)
    } catch (error) {
      if (error instanceof Mp4Error) return false
      throw error
    }
  }

  #sounds(frame: StreamSample): boolean {
    const fields = ({ entry }: OutputTrack): Buffer => entry.subarray(soundStart, soundEnd)
    try {
      return fields(describe(frame, undefined, this.#properties).output).equals(fields(this.output))
    } catch (error) {
      // A frame that is damaged is no other kind of sound.
      if (error instanceof Mp4Error) return true
      throw error
    }
  }
}

function describe(sample: StreamSample, header: Uint8Array | undefined, properties: AmfObject): StreamDescription {
  if (sample.kind === 'video') return describeVideo(sample, header, properties)
  return { output: describeAudio(sample.codec, header, sample.data), config: header }
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && Buffer.compare(one, other) === 0)
}
