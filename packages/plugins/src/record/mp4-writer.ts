import { type AmfObject, propertiesOf } from '@rtmpipe/amf'
import type { MediaRole, RtmpMessage } from '@rtmpipe/session'
import type * as mediabunnyModule from 'mediabunny'
import type { EncodedAudioPacketSource, EncodedVideoPacketSource, Output } from 'mediabunny'
import { RecordError } from './errors.ts'
import { isFrame, isPicture } from './frame.ts'
import { mp4Audio } from './mp4-audio.ts'
import { Mp4DecodeTimes } from './mp4-decode-times.ts'
import { type Mp4Sample, mp4Samples } from './mp4-samples.ts'
import { mp4Video } from './mp4-video.ts'
import { PartFile } from './part-file.ts'
import type { RecordingWriter } from './recording-writer.ts'
import { Timeline } from './timeline.ts'

type Mediabunny = typeof mediabunnyModule
type FirstMeta = Parameters<EncodedVideoPacketSource['add']>[1] & Parameters<EncodedAudioPacketSource['add']>[1]

/** Milliseconds of media that are looked at for tracks before the file begins: MP4 names them all in advance. */
const probeDuration = 1_000
/** Milliseconds without a frame after which a track has ended. */
const silence = 5_000
/** Bytes held for a fragment; they are written at a keyframe. */
const maxHeld = 64 * 1024 * 1024
/** Pixels. */
const maxSize = 16_384
/** Bytes of a sequence header; real ones have some hundreds. */
const maxConfig = 64 * 1024

interface Track {
  /** In the file. */
  readonly id: number
  readonly source: EncodedVideoPacketSource | EncodedAudioPacketSource
  readonly config: Uint8Array | undefined
  /** Of the metadata that mediabunny wants with the first packet. */
  readonly decoderConfig: object
  /** How much of the stream there was when its last frame came. */
  lastSeen: number
  /** Seconds; mediabunny takes nothing before the end of an earlier group of pictures. */
  floor: number
  latest: number
  begun: boolean
}

/** A fragmented MP4 file: what is written up to the last keyframe can be played whatever happens then. */
export class Mp4Writer implements RecordingWriter {
  readonly #file: PartFile
  readonly #mediabunny: Mediabunny
  readonly #properties: AmfObject
  readonly #timeline = new Timeline()
  readonly #decodeTimes = new Mp4DecodeTimes()
  readonly #tracks = new Map<string, Track>()
  #held: { readonly message: RtmpMessage; readonly role: MediaRole; readonly time: number }[] = []
  #heldBytes = 0
  /** Times of the first sound and of the first picture: one may come far ahead of the other. */
  readonly #firsts = new Map<number, number>()
  /** Milliseconds of the stream so far, as sound or pictures have them, whichever have more. */
  #seen = 0
  #output: Output | undefined
  #isOutdated = false
  #flushed = 0

  private constructor(file: PartFile, mediabunny: Mediabunny, properties: AmfObject) {
    this.#file = file
    this.#mediabunny = mediabunny
    this.#properties = properties
  }

  /** @param properties the publisher's metadata, which say how large pictures are */
  static async create(name: string, properties: AmfObject): Promise<Mp4Writer> {
    // Loaded when it is first needed: most servers record nothing, or FLV.
    const mediabunny = await import('mediabunny')
    return new Mp4Writer(await PartFile.create(name), mediabunny, properties)
  }

  get size(): number {
    return this.#file.size + this.#heldBytes
  }

  get duration(): number {
    return this.#timeline.duration
  }

  get isOutdated(): boolean {
    return this.#isOutdated
  }

  /** Everything that was to be written, as long as there is nothing in the file. */
  get held(): readonly { readonly message: RtmpMessage; readonly role: MediaRole; readonly time: number }[] {
    return this.#held
  }

  /** @throws RecordError `RTMP_ERR_RECORD_CODEC` or `RTMP_ERR_RECORD_FRAGMENT`; the file can be finished all the same */
  async write(message: RtmpMessage, role: MediaRole, time: number): Promise<void> {
    if (isFrame(message)) this.#see(message, time)
    if (this.#output !== undefined) return this.#add(message, time)
    this.#held.push({ message, role, time })
    this.#heldBytes += message.payload.length
    if (this.#seen >= probeDuration || this.#heldBytes > maxHeld) await this.#begin()
  }

  /** @throws RecordError `RTMP_ERR_RECORD_CODEC` if a short stream is not for MP4; then {@link held} is all of it */
  async finish(): Promise<string> {
    if (this.#output === undefined) await this.#begin()
    await this.#output?.finalize()
    this.#heldBytes = 0
    return this.#file.finish()
  }

  /** What there is stays as `.part`. Resolves with its path. */
  async abandon(): Promise<string> {
    if (this.#output?.state === 'started') await this.#output.cancel().catch(() => {})
    await this.#file.close()
    return this.#file.path
  }

  /** Nothing of it is wanted. */
  async discard(): Promise<void> {
    await this.abandon()
    await this.#file.remove()
  }

  #see({ messageTypeId }: RtmpMessage, time: number): void {
    const first = this.#firsts.get(messageTypeId) ?? time
    this.#firsts.set(messageTypeId, first)
    this.#seen = Math.max(this.#seen, time - first)
  }

  async #begin(): Promise<void> {
    const { Output, Mp4OutputFormat, AppendOnlyStreamTarget } = this.#mediabunny
    // Of several keyframes in a fragment mediabunny marks the first alone. Of sound, every frame is one. Seconds.
    const minimumFragmentDuration = this.#held.some(({ message }) => isPicture(message)) ? 0 : 1
    const write = (bytes: Uint8Array): void => {
      for (const part of this.#decodeTimes.push(Buffer.from(bytes))) this.#file.append(part)
    }
    const output = new Output({
      format: new Mp4OutputFormat({ fastStart: 'fragmented', minimumFragmentDuration }),
      target: new AppendOnlyStreamTarget(new WritableStream({ write })),
    })
    this.#findTracks(output)
    if (this.#tracks.size === 0) throw new RecordError('RTMP_ERR_RECORD_CODEC', 'there is neither audio nor video')
    await output.start()
    this.#heldBytes = 0
    for (const { message, time } of this.#held) await this.#add(message, time)
    this.#output = output
    this.#held = []
  }

  /** Of tracks without a single frame nothing is known, and MP4 would wait for them. */
  #findTracks(output: Output): void {
    const configs = new Map<string, Uint8Array>()
    for (const sample of this.#held.flatMap(({ message }) => mp4Samples(message))) {
      if (sample.role === 'config') configs.set(sample.track, sample.data)
      else if (!this.#tracks.has(sample.track) && sample.isKey) {
        this.#tracks.set(sample.track, this.#track(output, sample, configs.get(sample.track)))
      }
    }
  }

  #track(output: Output, sample: Mp4Sample, config: Uint8Array | undefined): Track {
    const { EncodedAudioPacketSource, EncodedVideoPacketSource } = this.#mediabunny
    if ((config?.length ?? 0) > maxConfig)
      throw new RecordError('RTMP_ERR_RECORD_CODEC', `a sequence header of ${config?.length} bytes`)
    // mediabunny counts tracks from 1.
    const begin = { id: this.#tracks.size + 1, config, lastSeen: 0, floor: 0, latest: 0, begun: false }
    if (sample.kind === 'video') {
      const { codec, codecString, description } = mp4Video(sample.codec, config)
      const source = new EncodedVideoPacketSource(codec)
      output.addVideoTrack(source)
      return { ...begin, source, decoderConfig: { codec: codecString, description, ...this.#pictureSize(sample) } }
    }
    const { codec, codecString, ...decoderConfig } = mp4Audio(sample.codec, config, sample.data)
    const source = new EncodedAudioPacketSource(codec)
    output.addAudioTrack(source)
    return { ...begin, source, decoderConfig: { codec: codecString, ...decoderConfig } }
  }

  #pictureSize({ trackId }: Mp4Sample): { codedWidth: number; codedHeight: number } {
    const tracks = propertiesOf(this.#properties['videoTrackIdInfoMap'])
    const own = { ...this.#properties, ...propertiesOf(tracks?.[trackId]) }
    const [codedWidth, codedHeight] = [own['width'], own['height']]
    if (isSize(codedWidth) && isSize(codedHeight)) return { codedWidth, codedHeight }
    throw new RecordError('RTMP_ERR_RECORD_CODEC', 'the metadata do not say how large the pictures are')
  }

  async #add(message: RtmpMessage, time: number): Promise<void> {
    for (const sample of mp4Samples(message)) {
      const track = this.#tracks.get(sample.track)
      if (sample.role === 'config') {
        if (track !== undefined && !isSame(track.config, sample.data)) this.#isOutdated = true
      } else if (track === undefined) this.#isOutdated = true
      else await this.#addFrame(track, sample, time)
    }
    for (const { lastSeen } of this.#tracks.values()) if (this.#seen - lastSeen > silence) this.#isOutdated = true
    if (this.#heldBytes > maxHeld)
      throw new RecordError('RTMP_ERR_RECORD_FRAGMENT', `no keyframe in the last ${this.#heldBytes} bytes`)
  }

  async #addFrame(track: Track, { track: name, isKey, compositionTime, data }: Mp4Sample, time: number): Promise<void> {
    if (!track.begun && !isKey) return
    const step = this.#timeline.add(name, time)
    track.lastSeen = this.#seen
    if (isKey) track.floor = track.latest
    const timestamp = Math.max((time + compositionTime) / 1000, track.floor)
    track.latest = Math.max(track.latest, timestamp)
    const packet = new this.#mediabunny.EncodedPacket(data, isKey ? 'key' : 'delta', timestamp, step / 1000)
    if (!track.begun) this.#decodeTimes.wait(track.id, compositionTime)
    const meta = track.begun ? undefined : ({ decoderConfig: track.decoderConfig } as FirstMeta)
    track.begun = true
    try {
      await track.source.add(packet, meta)
    } catch (cause) {
      throw new RecordError('RTMP_ERR_RECORD_CODEC', `MP4: ${(cause as Error).message}`, { cause })
    }
    await this.#written(data.length)
  }

  /** A fragment comes as a whole: with it, nothing is held any more. */
  async #written(length: number): Promise<void> {
    this.#heldBytes += length
    if (this.#file.size === this.#flushed) return
    this.#flushed = this.#file.size
    this.#heldBytes = 0
    await this.#file.flush()
  }
}

function isSize(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= maxSize
}

function isSame(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0
}
