import { randomBytes } from 'node:crypto'
import { type AmfObject } from '@rtmpipe/amf'
import { metadataOf } from '@rtmpipe/flv'
import { Mp4Error, StreamTrack } from '@rtmpipe/plugins/mp4'
import type { OpenFile } from '@rtmpipe/session'
import type { HlsSettings } from '../hls-options.ts'
import { Fmp4Muxer } from '../media/fmp4-muxer.ts'
import type { Muxer } from '../media/muxer.ts'
import { isForTs, TsMuxer } from '../media/ts-muxer.ts'
import { type Answer, SharedText } from '../serve/answer.ts'
import { CacheTimes } from '../serve/cache-times.ts'
import { HlsRefusal } from '../serve/hls-refusal.ts'
import { playlistType, typeOf } from '../serve/media-types.ts'
import { Waiting } from '../serve/waiting.ts'
import type { Watched } from '../serve/watched.ts'
import { type ListedRendition, multivariantPlaylist } from '../text/multivariant-playlist.ts'
import { mediaPlaylist } from '../text/media-playlist.ts'
import { planOf, type PlannedSegment } from './file-plan.ts'
import { type FileTrack, readSegment } from './file-segment.ts'

/** Segments that are made at a time, and that are kept for others who ask for them. */
const [maxMaking, maxKept] = [2, 8]
/** Segments in which tracks are looked for. */
const probed = 2
const name = 'main'

/** A track that is sent, and how. */
interface SentTrack {
  readonly key: string
  readonly description: StreamTrack
}

/** A file that plays from beginning to end: its segments are made when somebody asks for them. */
export class FileProgram implements Watched {
  readonly waiting: Waiting = new Waiting()
  readonly endedAt: number = 0
  viewers = 0
  readonly #file: OpenFile
  readonly #maxBytes: number
  readonly #cache: CacheTimes
  readonly #plan: readonly PlannedSegment[]
  readonly #tracks: readonly SentTrack[]
  readonly #muxer: Muxer
  readonly #extension: string
  readonly #rendition: ListedRendition
  readonly #properties: AmfObject
  readonly #playlist: SharedText
  readonly targetDuration: number
  /** Of all names, so that nobody can guess them. */
  readonly #id = `${name}-${randomBytes(12).toString('base64url').replaceAll('-', '_')}`
  readonly #making = new Set<number>()
  /** The one that was asked for last is at the end. */
  readonly #made = new Map<number, Buffer | HlsRefusal>()
  /** Segments that are on their way to viewers, and to how many. */
  readonly #lent = new Map<Buffer, number>()

  private constructor(
    file: OpenFile,
    settings: HlsSettings,
    plan: readonly PlannedSegment[],
    first: readonly (readonly FileTrack[])[],
  ) {
    const { format, maxBytes, cdn } = settings
    this.#file = file
    this.#maxBytes = maxBytes / 4
    this.#cache = new CacheTimes(cdn)
    this.#plan = plan
    this.#properties = metadataOf(file.media.metadata.payload) ?? {}
    this.#tracks = this.#tracksIn(first.flat(), format === 'ts')
    if (this.#tracks.length === 0) throw new HlsRefusal(404, 'there is nothing in it that HLS has a place for')
    const sent = this.#tracks.map(({ description }) => description)
    this.#muxer = format === 'ts' ? new TsMuxer(sent) : new Fmp4Muxer(sent)
    this.#extension = format === 'ts' ? 'ts' : 'm4s'
    this.targetDuration = Math.max(1000, Math.round(Math.max(...plan.map(({ duration }) => duration)) / 1000) * 1000)
    this.#rendition = { name, sent, frameRate: rateOf(first.flat()), bandwidth: bandwidthOf(plan, first) }
    this.#playlist = new SharedText(this.#write())
  }

  /** @throws HlsRefusal for what can not be shown, whatever reading throws */
  static async open(file: OpenFile, settings: HlsSettings): Promise<FileProgram> {
    const plan = await planOf(file.media, settings.segmentDuration)
    const first: (readonly FileTrack[])[] = []
    for (const segment of plan.slice(0, probed))
      first.push(await readSegment(file.media, segment, settings.maxBytes / 4))
    return new FileProgram(file, settings, plan, first)
  }

  index(query: string): Answer {
    const text = multivariantPlaylist([this.#rendition], this.#properties, query)
    return { type: playlistType, body: new SharedText(text), cacheControl: this.#playlistTimes }
  }

  playlist(asked: string): Answer {
    if (asked !== name) throw new HlsRefusal(404, 'there is no such playlist')
    return { type: playlistType, body: this.#playlist, cacheControl: this.#playlistTimes }
  }

  file(asked: string): Answer | undefined {
    const { init } = this.#muxer
    const answer = (body: Buffer): Answer => ({ type: typeOf(asked), body, cacheControl: this.#cache.media })
    if (init !== undefined && asked === `${this.#id}.mp4`) return answer(init)
    const index = this.#indexOf(asked)
    const made = this.#made.get(index)
    if (made instanceof HlsRefusal) throw made
    if (made !== undefined) return { ...answer(made), done: this.#lend(made) }
    if (!this.#making.has(index) && this.#making.size < maxMaking && this.#hasRoom) void this.#make(index)
    return undefined
  }

  /** Reads no more. */
  close(): void {
    this.#file.release()
    this.waiting.refuse(new HlsRefusal(404, 'this is over'))
  }

  get #playlistTimes(): string {
    return this.#cache.playlist(this.targetDuration, false, true)
  }

  #indexOf(asked: string): number {
    const [id, place, extension, more] = asked.split('.')
    const index = Number(place)
    const isOurs = id === this.#id && extension === this.#extension && more === undefined
    if (!isOurs || String(index) !== place || this.#plan[index] === undefined)
      throw new HlsRefusal(404, 'there is no such file')
    return index
  }

  /** Viewers that read nothing keep what they are sent for half a minute. */
  get #hasRoom(): boolean {
    const bytes = [...this.#lent.keys()].reduce((sum, { length }) => sum + length, 0)
    return bytes <= this.#maxBytes * 3
  }

  /** @returns to be called when it is sent no more */
  #lend(body: Buffer): () => void {
    this.#lent.set(body, (this.#lent.get(body) ?? 0) + 1)
    return () => {
      const left = (this.#lent.get(body) ?? 1) - 1
      if (left > 0) this.#lent.set(body, left)
      else this.#lent.delete(body)
      if (left === 0) this.waiting.look()
    }
  }

  async #make(index: number): Promise<void> {
    this.#making.add(index)
    const made = await this.#segment(this.#plan[index] as PlannedSegment).catch(
      () => new HlsRefusal(500, 'the file can not be read there'),
    )
    this.#making.delete(index)
    this.#made.set(index, made)
    const [oldest] = this.#made.keys()
    if (this.#made.size > maxKept && oldest !== undefined) this.#made.delete(oldest)
    this.waiting.look()
    // Of what is missing, nothing is known for good.
    if (made instanceof HlsRefusal) this.#made.delete(index)
  }

  async #segment(planned: PlannedSegment): Promise<Buffer> {
    const read = await readSegment(this.#file.media, planned, this.#maxBytes)
    const samples = this.#tracks.map(({ key, description }) => {
      const track = read.find(one => one.key === key)
      // What began as something else can not go on as that.
      if (track === undefined || track.first.codec !== description.codec) return []
      return track.samples
    })
    return this.#muxer.mux(samples, true)
  }

  /** The first picture and the first sound that there is a place for. */
  #tracksIn(found: readonly FileTrack[], isTs: boolean): SentTrack[] {
    return (['video', 'audio'] as const).flatMap(kind => {
      for (const { kind: its, key, first, header } of found) {
        if (its !== kind) continue
        const description = this.#describe(first, header)
        if (description !== undefined && (!isTs || isForTs(description))) return [{ key, description }]
      }
      return []
    })
  }

  #describe(first: FileTrack['first'], header: FileTrack['header']): StreamTrack | undefined {
    try {
      return new StreamTrack(first, header?.codec === first.codec ? header.data : undefined, this.#properties)
    } catch (error) {
      if (error instanceof Mp4Error) return undefined
      throw error
    }
  }

  #write(): string {
    const init = this.#muxer.init && { name: `${this.#id}.mp4`, body: this.#muxer.init }
    const segments = this.#plan.map(({ duration }, number) => ({
      number,
      name: `${this.#id}.${number}.${this.#extension}`,
      init,
      date: undefined,
      isDiscontinuous: false,
      isIndependent: true,
      isComplete: true,
      duration,
      parts: [],
    }))
    const window = { segments, discontinuitySequence: 0, nextPartName: '' }
    const targetDuration = this.targetDuration / 1000
    return mediaPlaylist({ window, targetDuration, partTarget: 0, isEnded: true, isWhole: true, others: [] })
  }
}

function rateOf(tracks: readonly FileTrack[]): number {
  const { samples = [] } = tracks.find(({ kind }) => kind === 'video') ?? {}
  const [first, last] = [samples[0], samples.at(-1)]
  const span = (last?.decodeTime ?? 0) - (first?.decodeTime ?? 0)
  return span > 0 ? ((samples.length - 1) * 1000) / span : 25
}

/** Bits in a second, of what was read of it. */
function bandwidthOf(
  plan: readonly PlannedSegment[],
  read: readonly (readonly FileTrack[])[],
): { peak: number; average: number } {
  const rates = read.map((tracks, place) => {
    const bytes = tracks.flatMap(({ samples }) => samples).reduce((sum, { data }) => sum + data.length, 0)
    return (bytes * 8000) / (plan[place]?.duration ?? 1)
  })
  return {
    peak: Math.max(...rates, 1),
    average: rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length),
  }
}
