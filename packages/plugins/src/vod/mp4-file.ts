import { EcmaArray, encodeAmf0 } from '@rtmpipe/amf'
import { TagType } from '@rtmpipe/flv'
import type { RtmpMessage } from '@rtmpipe/session'
import { isMp4Error } from '../mp4/errors.ts'
import type { Mp4Track } from '../mp4/movie.ts'
import { openMovie } from '../mp4/open-movie.ts'
import { VodError } from './errors.ts'
import { encodingOf } from './encoding.ts'
import { type Mp4Frame, PlayedTrack, type TrackStart } from './played-track.ts'
import type { MediaFile, Start } from './media-file.ts'
import type { SharedFile } from './shared-file.ts'

interface Mp4Start extends Start {
  /** Beginning of each track that is played. */
  readonly tracks: readonly TrackStart[]
}

const beginning: TrackStart = { place: undefined, time: -Infinity }
/** Tolerance in seconds: times are fractions in the file, and whole milliseconds in messages. */
const halfMillisecond = 0.0005
/** Milliseconds from decoding to showing: RTMP has 24 bits for them, one of which is the sign. */
const maxCompositionTime = 0x7f_ffff

/** An MP4 file: its first video and its first audio track that RTMP has a place for. */
export class Mp4File implements MediaFile {
  readonly duration: number
  readonly metadata: RtmpMessage
  readonly leftOut: string | undefined
  readonly #file: SharedFile
  /** Video first: of two messages of one time, the picture is sent first, and playing begins with a keyframe. */
  readonly #tracks: readonly PlayedTrack[]
  /** Seconds to add, so that the first message is at zero. */
  readonly #shift: number

  private constructor(file: SharedFile, tracks: readonly Mp4Track[]) {
    const [pictures, sounds] = (['video', 'audio'] as const).map(kind => tracks.filter(track => track.kind === kind))
    const [video, audio] = [pictures, sounds].map(of => PlayedTrack.firstOf(of ?? [], file))
    const left = [...(video ? [] : (pictures ?? [])), ...(audio ? [] : (sounds ?? []))]
    this.#file = file
    this.#tracks = [video, audio].filter(track => track !== undefined)
    this.leftOut = left.length > 0 ? `it has ${wordsFor(left)}` : undefined
    // Half of a film is not meant to be seen by those who have no key.
    const isLocked = left.some(({ descriptions }) => descriptions.some(({ obstacle }) => obstacle === 'encrypted'))
    if (this.#tracks.length === 0 || isLocked) throw nothingToPlay(this.leftOut)
    this.#shift = -Math.min(...this.#tracks.map(({ track }) => track.begin))
    this.duration = Math.max(0, this.#sent(Math.max(...this.#tracks.map(({ track }) => track.end))))
    this.metadata = metadataOf(this.duration, video, audio)
  }

  /** @throws VodError, whatever the disk throws */
  static async open(file: SharedFile): Promise<Mp4File> {
    try {
      return new Mp4File(file, (await openMovie(file)).tracks)
    } catch (error) {
      throw damaged(error)
    }
  }

  /** The time of a keyframe is its decode time, as in the timestamps that are sent. */
  async find(timestamp: number): Promise<Mp4Start> {
    const [first, ...others] = this.#tracks
    try {
      const place = await first?.track.find(timestamp / 1000 - this.#shift + halfMillisecond)
      if (place === undefined) return { timestamp: 0, tracks: this.#tracks.map(() => beginning) }
      const starts: TrackStart[] = [{ place, time: -Infinity }]
      const time = place.time - halfMillisecond
      for (const { track } of others) starts.push({ place: await track.find(time), time })
      return { timestamp: this.#sent(place.time), tracks: starts }
    } catch (error) {
      throw damaged(error)
    }
  }

  async *read(start: Start): AsyncGenerator<RtmpMessage, void> {
    const { timestamp, tracks } = start as Mp4Start
    const frames = this.#tracks.map((track, place) => track.frames(tracks[place] ?? beginning))
    try {
      const next: (Mp4Frame | undefined)[] = []
      for (const of of frames) next.push(await pulled(of))
      const inForce = next.map(frame => frame?.encoding)
      for (const [place, encoding] of inForce.entries()) {
        if (encoding?.header) yield message(next[place]?.messageTypeId ?? 0, timestamp, encoding.header)
      }
      for (;;) {
        const place = earliest(next)
        const [frame, track, of] = [next[place], this.#tracks[place], frames[place]]
        if (frame === undefined || track === undefined) return
        const { messageTypeId, time, compositionOffset, encoding, sample } = frame
        const at = this.#sent(time)
        if (encoding !== inForce[place] && encoding.header) yield message(messageTypeId, at, encoding.header)
        inForce[place] = encoding
        const wait = this.#sent(time + compositionOffset) - at
        const compositionTime = Math.max(-maxCompositionTime, Math.min(wait, maxCompositionTime))
        const data = await track.dataOf(sample)
        yield message(messageTypeId, at, encoding.encode(data, sample.isSync, compositionTime))
        next[place] = await pulled(of)
      }
    } catch (error) {
      throw damaged(error)
    }
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /** Milliseconds, as they are sent. */
  #sent(seconds: number): number {
    return Math.round((seconds + this.#shift) * 1000)
  }
}

async function pulled(frames: AsyncGenerator<Mp4Frame, void> | undefined): Promise<Mp4Frame | undefined> {
  return (await frames?.next())?.value ?? undefined
}

/** The one of these that is decoded first. */
function earliest(frames: readonly (Mp4Frame | undefined)[]): number {
  const times = frames.map(frame => frame?.time ?? Infinity)
  return times.indexOf(Math.min(...times))
}

function nothingToPlay(found: string | undefined): VodError {
  return found === undefined
    ? new VodError('RTMP_ERR_VOD_FILE', 'it has no tracks')
    : new VodError('RTMP_ERR_VOD_CODEC', found)
}

/** What can't be played of these tracks, such as `video encv (encrypted)`. */
function wordsFor(tracks: readonly Mp4Track[]): string {
  const words = tracks.flatMap(({ kind, used, descriptions }) =>
    descriptions
      .filter((one, place) => used.includes(place) && encodingOf(one) === undefined)
      .map(({ format, obstacle }) => `${kind} ${format}${obstacle === undefined ? '' : ` (${obstacle})`}`),
  )
  return [...new Set(words)].join(', ') || 'tracks that do not say what is in them'
}

function metadataOf(duration: number, video: PlayedTrack | undefined, audio: PlayedTrack | undefined): RtmpMessage {
  const [picture, sound] = [video?.description, audio?.description]
  const properties = new EcmaArray({
    duration: duration / 1000,
    ...(video && picture && { width: picture.width, height: picture.height, videocodecid: video.encoding.codecId }),
    ...(audio &&
      sound && {
        audiosamplerate: sound.sampleRate,
        audiosamplesize: 16,
        stereo: sound.channels > 1,
        audiocodecid: audio.encoding.codecId,
      }),
  })
  return message(TagType.Script, 0, Buffer.from(encodeAmf0('onMetaData', properties)))
}

function message(messageTypeId: number, timestamp: number, payload: Buffer): RtmpMessage {
  // A damaged file may have any time.
  return { messageTypeId, messageStreamId: 0, timestamp: Math.max(0, timestamp || 0) >>> 0, payload }
}

/** Turns errors of the file's contents into VodError; errors of the disk stay as they are. */
function damaged(error: unknown): unknown {
  return isMp4Error(error) ? new VodError('RTMP_ERR_VOD_FILE', error.message, { cause: error }) : error
}
