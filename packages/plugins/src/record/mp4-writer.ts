import type { AmfObject } from '@rtmpipe/amf'
import { isFrame, Timeline } from '@rtmpipe/flv'
import type { RtmpMessage } from '@rtmpipe/session'
import { Mp4Error } from '../mp4/errors.ts'
import { FragmentWriter } from '../mp4/fragment-writer.ts'
import type { Mp4Output } from '../mp4/output.ts'
import { RecordError } from './errors.ts'
import { type StreamSample, streamSamples } from '../mp4/stream-samples.ts'
import { StreamTrack } from '../mp4/stream-track.ts'
import { PartFile } from './part-file.ts'
import { Postponed } from './postponed.ts'
import type { RecordingWriter, TimedMessage } from './recording-writer.ts'

/** Milliseconds of media that are searched for tracks before the file begins: MP4 lists all tracks in advance. */
const probeDuration = 1_000
/** Milliseconds without a frame after which a track has ended. */
const silence = 5_000
/** Milliseconds of a fragment of sound alone. */
const soundFragment = 1_000
/** Bytes held for a fragment; they are written at a keyframe. */
const maxHeld = 64 * 1024 * 1024
/** Samples of a fragment; more begin another one, with a keyframe or without. As many messages are searched for tracks at most. */
const maxSamples = 32_768
/** A fragmented MP4 file: all that was written up to the last keyframe can be played, whatever happens later. */
export class Mp4Writer implements RecordingWriter {
  readonly #file: PartFile
  readonly #properties: AmfObject
  readonly #timeline = new Timeline()
  #tracks = new Map<string, StreamTrack>()
  /** Frames of each track before the one that it was described by, which can't be decoded. */
  readonly #early = new Map<string, number>()
  /** Why a track that has come can't be described. */
  readonly #unknown = new Map<string, RecordError>()
  /** The newest sequence header of each track. */
  readonly #headers = new Map<string, StreamSample>()
  readonly #postponed = new Postponed()
  #held: TimedMessage[] = []
  #heldBytes = 0
  /** Of all tracks in the next fragment: those without data take memory, too. */
  #heldSamples = 0
  /** Times of the first sound and of the first picture: one may come far ahead of the other. */
  readonly #firsts = new Map<number, number>()
  /** Length of the stream so far in milliseconds: that of the sound or of the pictures, whichever is longer. */
  #seen = 0
  #output: Mp4Output | undefined
  /** A fragment begins with this track's keyframes, or with any sound of it. */
  #leader: StreamTrack | undefined

  private constructor(file: PartFile, properties: AmfObject) {
    this.#file = file
    this.#properties = properties
  }

  /** @param properties the publisher's metadata, which may say how large pictures are */
  static async create(name: string, properties: AmfObject): Promise<Mp4Writer> {
    return new Mp4Writer(await PartFile.create(name), properties)
  }

  get name(): string {
    return this.#file.name
  }

  get size(): number {
    return this.#file.size + this.#heldBytes
  }

  get duration(): number {
    return this.#timeline.duration
  }

  get isOutdated(): boolean {
    if (!this.#postponed.isEmpty) return true
    const isSilent = ({ lastSeen }: StreamTrack): boolean => this.#seen - lastSeen > silence
    return this.#output !== undefined && [...this.#tracks.values()].some(isSilent)
  }

  get postponed(): readonly TimedMessage[] {
    return this.#postponed.messages
  }

  /** All messages that were given, as long as nothing is in the file. */
  get held(): readonly TimedMessage[] {
    return this.#held
  }

  fits(message: RtmpMessage): boolean {
    return streamSamples(message).every(sample => sample.role === 'config' || this.#fits(sample))
  }

  /**
   * @throws RecordError `RTMP_ERR_RECORD_CODEC` or `RTMP_ERR_RECORD_FRAGMENT`; the file can be finished all the same
   */
  async write(message: RtmpMessage, time: number): Promise<void> {
    const timed = { message, time }
    if (isFrame(message)) this.#see(message, time)
    if (!this.fits(message)) return this.#postpone(timed)
    if (this.#output !== undefined) return this.#add(message, time)
    this.#held.push(timed)
    this.#heldBytes += message.payload.length
    this.#learn(message)
    const isFull = this.#heldBytes > maxHeld || this.#held.length >= maxSamples
    if (this.#seen >= probeDuration || isFull) await this.#begin()
  }

  /** @throws RecordError `RTMP_ERR_RECORD_CODEC` if a short stream is not for MP4; then {@link held} is all of it */
  async finish(): Promise<string> {
    if (this.#output === undefined) await this.#begin()
    await this.#flush()
    if (this.#output !== undefined) this.#file.append(this.#output.index())
    return this.#file.finish()
  }

  /** Leaves the file as `.part`. Resolves with its path. */
  async abandon(): Promise<string> {
    await this.#file.close()
    return this.#file.path
  }

  /** Discards the file. */
  async discard(): Promise<void> {
    await this.abandon()
    await this.#file.remove()
  }

  #see({ messageTypeId }: RtmpMessage, time: number): void {
    const first = this.#firsts.get(messageTypeId) ?? time
    this.#firsts.set(messageTypeId, first)
    this.#seen = Math.max(this.#seen, time - first)
  }

  /** Of tracks that come later, a file that has begun has no list. */
  #fits(sample: StreamSample): boolean {
    return this.#tracks.get(sample.track)?.fits(sample) ?? this.#output === undefined
  }

  /** The file goes on without what belongs to the next one. */
  async #postpone(timed: TimedMessage): Promise<void> {
    try {
      if (this.#output === undefined) await this.#begin()
    } catch (error) {
      this.#held.push(timed)
      throw error
    }
    this.#postponed.add(timed, streamSamples(timed.message))
  }

  /** Tracks without a single keyframe are left out, because nothing is known of them. */
  #learn(message: RtmpMessage): void {
    for (const sample of streamSamples(message)) {
      if (sample.role === 'config') this.#configure(sample)
      else if (!this.#tracks.has(sample.track) && !(sample.isKey && this.#describe(sample))) {
        this.#early.set(sample.track, (this.#early.get(sample.track) ?? 0) + 1)
      }
    }
  }

  /** False while nothing is known of a track: its sequence header may come behind its first frames. */
  #describe(sample: StreamSample): boolean {
    const header = this.#headers.get(sample.track)
    const data = header?.codec === sample.codec ? header.data : undefined
    try {
      this.#tracks.set(sample.track, new StreamTrack(sample, data, this.#properties))
      this.#unknown.delete(sample.track)
      return true
    } catch (error) {
      if (!(error instanceof Mp4Error)) throw error
      this.#unknown.set(sample.track, new RecordError('RTMP_ERR_RECORD_CODEC', error.message))
      return false
    }
  }

  #configure(header: StreamSample): void {
    const before = this.#headers.get(header.track)
    if (before?.codec === header.codec && Buffer.compare(before.data, header.data) === 0) return
    this.#headers.set(header.track, header)
    this.#tracks.get(header.track)?.configure(header)
    this.#postponed.forget(header.track)
  }

  async #begin(): Promise<void> {
    // Players choose the first of a kind: that is the default one, whichever came first.
    this.#tracks = new Map([...this.#tracks].sort(([, one], [, other]) => one.trackId - other.trackId))
    const tracks = [...this.#tracks.values()]
    for (const error of this.#unknown.values()) throw error
    if (tracks.length === 0) throw new RecordError('RTMP_ERR_RECORD_CODEC', 'there is neither audio nor video')
    this.#leader = tracks.find(({ output }) => output.kind === 'video') ?? tracks[0]
    this.#output = new FragmentWriter(tracks.map(({ output }) => output))
    this.#file.append(this.#output.head())
    this.#heldBytes = 0
    for (const { message, time } of this.#held) await this.#add(message, time)
    this.#held = []
  }

  async #add(message: RtmpMessage, time: number): Promise<void> {
    for (const sample of streamSamples(message)) {
      const track = this.#tracks.get(sample.track)
      if (sample.role === 'config') this.#configure(sample)
      else if (track !== undefined) await this.#addFrame(track, sample, time)
    }
    if (this.#heldBytes > maxHeld)
      throw new RecordError('RTMP_ERR_RECORD_FRAGMENT', `no keyframe in the last ${this.#heldBytes} bytes`)
  }

  async #addFrame(
    track: StreamTrack,
    { track: name, isKey, compositionTime, data }: StreamSample,
    time: number,
  ): Promise<void> {
    const early = this.#early.get(name) ?? 0
    if (early > 0) this.#early.set(name, early - 1)
    if (early > 0 || (!track.begun && !isKey)) return
    track.lastSeen = this.#seen
    const duration = this.#timeline.add(name, time)
    const isLeader = track === this.#leader
    const isCut = isLeader && this.#isCut(track, isKey, time)
    if (isCut || this.#heldSamples >= maxSamples) await this.#flush(isLeader ? time : undefined)
    track.add({ decodeTime: time, duration, compositionOffset: compositionTime, isSync: isKey, data })
    this.#heldBytes += data.length
    this.#heldSamples += 1
  }

  #isCut({ output, samples: [first] }: StreamTrack, isKey: boolean, time: number): boolean {
    if (first === undefined) return false
    return output.kind === 'video' ? isKey : time - first.decodeTime >= soundFragment
  }

  /** Writes a fragment. @param end milliseconds, when the last sample of the leader ends, if that is known */
  async #flush(end?: number): Promise<void> {
    const tracks = [...this.#tracks.values()]
    const last = this.#leader?.samples.at(-1)
    if (last !== undefined && end !== undefined) {
      this.#leader?.samples.splice(-1, 1, { ...last, duration: end - last.decodeTime })
    }
    if (this.#output !== undefined && tracks.some(({ samples }) => samples.length > 0)) {
      for (const bytes of this.#output.fragment(tracks.map(({ samples }) => samples))) this.#file.append(bytes)
    }
    for (const track of tracks) track.samples = []
    this.#heldBytes = this.#heldSamples = 0
    await this.#file.flush()
  }
}
