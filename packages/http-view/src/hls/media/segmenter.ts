import type { AmfObject } from '@rtmpipe/amf'
import { isMetadata, metadataOf } from '@rtmpipe/flv'
import { Mp4Error, type OutputSample, type StreamSample, streamSamples, StreamTrack } from '@rtmpipe/plugins/mp4'
import type { RtmpMessage } from '@rtmpipe/session'
import type { HlsSettings } from '../hls-options.ts'
import { Fmp4Muxer } from './fmp4-muxer.ts'
import type { Archive } from './archive.ts'
import { MediaWindow } from './media-window.ts'
import { Rendition, type RenditionContext, type RenditionTrack } from './rendition.ts'
import { TsMuxer, isForTs } from './ts-muxer.ts'

/** Milliseconds of media that are searched for tracks. */
const probeDuration = 500
/** Messages that are held for that. */
const maxProbed = 8_192
/** Tracks of a stream; others are left out. */
const maxTracks = 16
/** How much more a track of pictures may keep than one of sound. */
const pictureShare = 8
/** Milliseconds that a track may go back, or forth, before it is another stream. */
const [maxBack, maxForth] = [1_000, 10_000]
/** Milliseconds of a segment while it is not known how far keyframes are apart. */
const maxUnknown = 10_000

type Settings = Pick<HlsSettings, 'segmentDuration' | 'partDuration' | 'window' | 'maxBytes' | 'format'>

/** What a segmenter is given. */
export interface SegmenterOptions extends Settings {
  /** Milliseconds that are kept in memory, of the window; the rest is in the archive. Default all. */
  readonly memory?: number | undefined
  readonly archive?: Archive | undefined
  /** Milliseconds from a keyframe to the next, if that is known. */
  readonly gop?: number | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Something that nobody can guess, each time another. */
  readonly random: () => string
}

/** A track of the stream. */
interface Track extends RenditionTrack {
  readonly trackId: number
  header: StreamSample | undefined
  last: number | undefined
  rendition: Rendition | undefined
}

interface Probed {
  readonly track: Track
  readonly sample: StreamSample
  readonly time: number
}

/**
 * Cuts the messages of a stream into segments and parts. One of a picture and a sound has one rendition, which halves
 * requests; of several tracks each is one.
 */
export class Segmenter {
  readonly #options: SegmenterOptions
  readonly #context: RenditionContext
  readonly #tracks = new Map<string, Track>()
  #renditions: readonly Rendition[] = []
  #properties: AmfObject = {}
  #probed: Probed[] = []
  #probedBytes = 0
  /** Seconds; undefined while it is not known. */
  #target: number | undefined
  /** Milliseconds since 1970 of time 0 of media. */
  #epoch: number | undefined
  #newest = 0
  #isEnded = false

  constructor(options: SegmenterOptions) {
    this.#options = options
    const { segmentDuration, gop } = options
    if (gop !== undefined && gop <= maxUnknown) {
      const groups = Math.max(1, Math.ceil((segmentDuration - gop / 2) / gop))
      this.#target = wholeSeconds(Math.max(segmentDuration, groups * gop))
    }
    this.#context = this.#makeContext()
  }

  /** All that it makes, those with pictures first. */
  get renditions(): readonly Rendition[] {
    return this.#renditions
  }

  /** The metadata of the publisher. */
  get properties(): AmfObject {
    return this.#properties
  }

  /** Seconds of the longest segment, rounded; undefined while it is not known. */
  get targetDuration(): number | undefined {
    return this.#target
  }

  /** True after {@link Segmenter.end} while nothing has come since. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** True when there is something to play: a whole segment, which players that know no parts need. */
  get isReady(): boolean {
    const all = this.#renditions
    const hasSegment = ({ window }: Rendition): boolean => window.segments[0]?.isComplete === true
    return this.#target !== undefined && all.length > 0 && all.every(hasSegment)
  }

  /** Takes a message of the stream. */
  take(message: RtmpMessage): void {
    if (message.discontinuity === true || this.#isEnded) this.#interrupt()
    this.#isEnded = false
    if (isMetadata(message)) {
      const properties = metadataOf(message.payload)
      if (properties !== undefined) this.#properties = properties
      return
    }
    for (const sample of streamSamples(message)) {
      const track = this.#trackOf(sample)
      if (track === undefined) continue
      if (sample.role === 'frame') this.#frame(track, sample, message.timestamp)
      else {
        track.header = sample
        track.description?.configure(sample)
      }
    }
  }

  /** The publish has ended: what has come is complete. */
  end(): void {
    if (this.#renditions.length === 0) this.#begin()
    for (const rendition of this.#renditions) rendition.end()
    this.#settleTarget()
    this.#isEnded = true
  }

  #trackOf({ track: key, trackId, kind }: StreamSample): Track | undefined {
    const known = this.#tracks.get(key)
    if (known !== undefined || this.#tracks.size >= maxTracks) return known
    const track: Track = {
      key,
      kind,
      trackId,
      header: undefined,
      last: undefined,
      description: undefined,
      rendition: undefined,
    }
    this.#tracks.set(key, track)
    return track
  }

  #frame(track: Track, sample: StreamSample, given: number): void {
    const before = track.last ?? given
    if (given < before - maxBack || given > before + maxForth) this.#interrupt()
    // Decoding goes on, whatever the publisher says.
    const time = track.last === undefined ? given : Math.max(given, track.last)
    if (!this.#isDescribed(track, sample)) return
    track.last = time
    this.#newest = time
    if (this.#renditions.length === 0) this.#probe({ track, sample, time })
    else this.#give(track, sample, time)
  }

  /** Whether a frame can be sent. One that does not belong to what the track was before begins something else. */
  #isDescribed(track: Track, sample: StreamSample): boolean {
    const { description, header } = track
    if (description?.fits(sample) === true) return true
    if (!sample.isKey) return false
    const data = header?.codec === sample.codec ? header.data : undefined
    try {
      const next = new StreamTrack(sample, data, this.#properties)
      if (this.#options.format === 'ts' && !isForTs(next)) return false
      if (description !== undefined) track.rendition?.interrupt()
      track.description = next
      return true
    } catch (error) {
      if (error instanceof Mp4Error) return false
      throw error
    }
  }

  #probe(probed: Probed): void {
    const [first = probed] = this.#probed
    this.#probed.push(probed)
    this.#probedBytes += probed.sample.data.length
    const span = Math.abs(probed.time - first.time)
    const isMuch = this.#probed.length >= maxProbed || this.#probedBytes > this.#options.maxBytes / 4
    if (span >= probeDuration || isMuch) this.#begin()
  }

  #begin(): void {
    const probed = this.#probed
    this.#probed = []
    this.#probedBytes = 0
    if (probed.length === 0) return
    this.#epoch = this.#options.now() - this.#newest
    this.#renditions = this.#layOut()
    for (const { track, sample, time } of probed) this.#give(track, sample, time)
  }

  #layOut(): readonly Rendition[] {
    const described = [...this.#tracks.values()]
      .filter(({ description }) => description !== undefined)
      .sort((one, other) => one.trackId - other.trackId)
    const [videos, audios] = (['video', 'audio'] as const).map(kind =>
      described.filter(track => track.kind === kind),
    ) as [Track[], Track[]]
    const isTs = this.#options.format === 'ts'
    if (isTs || (videos.length <= 1 && audios.length <= 1))
      return [this.#rendition('main', [...videos.slice(0, 1), ...audios.slice(0, 1)], 1)]
    const whole = videos.length * pictureShare + audios.length
    return [...videos, ...audios].map(track =>
      this.#rendition(`${track.kind}${track.trackId}`, [track], (track.kind === 'video' ? pictureShare : 1) / whole),
    )
  }

  /** @param share of the bytes that the stream may keep */
  #rendition(name: string, tracks: readonly Track[], share: number): Rendition {
    const { window, memory, archive, segmentDuration, format, random } = this.#options
    const maxBytes = this.#options.maxBytes * share
    const extension = format === 'ts' ? '.ts' : '.m4s'
    const grace = Math.max(3 * segmentDuration, 6_000)
    const kept = new MediaWindow({ name, extension, window, memory, archive, grace, maxBytes, random })
    const rendition = new Rendition(name, kept, tracks, this.#context)
    for (const track of tracks) track.rendition = rendition
    return rendition
  }

  #give(track: Track, sample: StreamSample, time: number): void {
    const rendition = track.rendition ?? this.#late(track)
    if (rendition === undefined) return
    const { isKey, compositionTime, data } = sample
    const output: OutputSample = {
      decodeTime: time,
      duration: 0,
      compositionOffset: compositionTime,
      isSync: isKey,
      data,
    }
    const cut = rendition.add(track, output)
    if (cut === undefined || rendition !== this.#renditions[0]) return
    this.#settleTarget()
    for (const other of this.#renditions) if (other.isFollowing) other.cutAt(cut)
  }

  /** Sound that comes after pictures, or the other way round, has its place; further tracks have none. */
  #late(track: Track): Rendition | undefined {
    const [main, another] = this.#renditions
    if (main === undefined || another !== undefined || main.tracks.some(({ kind }) => kind === track.kind))
      return undefined
    main.tracks.push(track)
    track.rendition = main
    return main
  }

  #settleTarget(): void {
    if (this.#target !== undefined) return
    const [first] = this.#renditions[0]?.window.segments ?? []
    if (first?.isComplete !== true) return
    this.#target = wholeSeconds(Math.max(this.#options.segmentDuration, first.duration))
  }

  #interrupt(): void {
    for (const rendition of this.#renditions) rendition.interrupt()
    for (const track of this.#tracks.values()) track.last = undefined
    this.#probed = []
    this.#probedBytes = 0
    this.#epoch = undefined
  }

  #makeContext(): RenditionContext {
    const { segmentDuration, partDuration, format } = this.#options
    return {
      segmentDuration,
      partDuration,
      maxSegment: () =>
        this.#target === undefined ? Math.max(maxUnknown, segmentDuration) : this.#target * 1000 + 499,
      dateOf: time => this.#dateOf(time),
      isFollowing: rendition =>
        rendition !== this.#renditions[0] &&
        rendition.tracks.every(({ kind }) => kind === 'audio') &&
        this.#renditions[0] !== undefined,
      muxer: tracks => (format === 'ts' ? new TsMuxer(tracks) : new Fmp4Muxer(tracks)),
    }
  }

  #dateOf(time: number): number {
    this.#epoch ??= this.#options.now() - this.#newest
    return Math.round(this.#epoch + time)
  }
}

/** A duration that may be rounded down is not longer than this (RFC 8216 §4.3.3.1). */
function wholeSeconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds / 1000))
}
