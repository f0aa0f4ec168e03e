import type { OutputSample, StreamTrack } from '@rtmpipe/plugins/mp4'
import { isSteady, partTarget, stepOf } from './frame-rate.ts'
import type { MediaWindow } from './media-window.ts'
import type { Muxer } from './muxer.ts'
import type { Init } from './segment.ts'
import { TrackQueue } from './track-queue.ts'

/** Milliseconds that tracks are waited for before media begin without them. */
const patience = 500
/** Milliseconds that pictures are waited for where there is sound. */
const picturePatience = 3_000
/** Samples that are held before media begin. */
const maxHeld = 8_192
/** Bytes of a part that ends whatever its duration is. */
const maxPart = 4 * 1024 * 1024
/** Frames of a second where none tell. */
const usualStep = 40

/** What a rendition needs to know of the stream that it is a part of. */
export interface RenditionContext {
  /** Milliseconds that segments should have. */
  readonly segmentDuration: number
  /** Milliseconds that parts should have; 0 for none. */
  readonly partDuration: number
  /** Milliseconds of a segment at most. */
  maxSegment(): number
  /** Milliseconds since 1970 of a time of media. */
  dateOf(time: number): number
  /** Whether segments of a rendition end where those of another do. */
  isFollowing(rendition: Rendition): boolean
  muxer(tracks: readonly StreamTrack[]): Muxer
}

/** A track of a rendition: its key, and its description as soon as it has one. */
export interface RenditionTrack {
  readonly key: string
  readonly kind: 'video' | 'audio'
  description: StreamTrack | undefined
}

interface Held {
  readonly track: RenditionTrack
  readonly sample: OutputSample
}

/** One media playlist's worth of a stream: tracks that are sent together, in parts and segments. */
export class Rendition {
  readonly name: string
  readonly window: MediaWindow
  /** All tracks; those without description are not in what is sent. */
  readonly tracks: RenditionTrack[]
  readonly #context: RenditionContext
  #muxer: Muxer | undefined
  #muxed: readonly RenditionTrack[] = []
  #leader: RenditionTrack | undefined
  #queues = new Map<RenditionTrack, TrackQueue>()
  #held: Held[] = []
  #heldBytes = 0
  /** When other tracks went on without the one that all is cut by. */
  #waitedFrom: number | undefined
  #init: Init | undefined
  #isDiscontinuous = false
  #segmentStart = 0
  #partStart = 0
  #step = usualStep
  #partTarget = 0
  #lastKey: number | undefined
  /** Time at which a segment ends because that of the pictures does. */
  #cutAt: number | undefined
  /** Peak and average of complete segments. */
  #peak = 0
  #totals = { bits: 0, seconds: 0 }

  constructor(name: string, window: MediaWindow, tracks: readonly RenditionTrack[], context: RenditionContext) {
    this.name = name
    this.window = window
    this.tracks = [...tracks]
    this.#context = context
  }

  /** Milliseconds of the longest part; 0 where there are none. Known when {@link Rendition.isOpen}. */
  get partTarget(): number {
    return this.#partTarget
  }

  /** True when it has begun: its tracks are known. */
  get isOpen(): boolean {
    return this.#partTarget > 0 || this.window.segments.length > 0 || this.#muxer !== undefined
  }

  /** Tracks that are sent. */
  get sent(): readonly StreamTrack[] {
    return this.#muxed.flatMap(({ description }) => description ?? [])
  }

  /** Pictures in a second. */
  get frameRate(): number {
    return 1000 / this.#step
  }

  /** True of sound beside pictures: its segments end where theirs do. */
  get isFollowing(): boolean {
    return this.#context.isFollowing(this)
  }

  /** Bits in a second of the segments so far: of the one with the most, and of all. */
  get bandwidth(): { readonly peak: number; readonly average: number } {
    const open = this.window.segments.at(-1)
    const rate = open === undefined || open.duration === 0 ? 0 : (open.byteLength * 8000) / open.duration
    const { bits, seconds } = this.#totals
    return seconds === 0 ? { peak: rate, average: rate } : { peak: this.#peak, average: bits / seconds }
  }

  /**
   * Takes a sample.
   *
   * @returns the time at which it has ended a segment, if it has
   */
  add(track: RenditionTrack, sample: OutputSample): number | undefined {
    if (this.#muxer !== undefined && !this.#muxed.includes(track)) this.interrupt()
    if (this.#muxer === undefined) return this.#hold({ track, sample })
    return this.#add(track, sample)
  }

  /** What follows is something else: the segment ends here. */
  interrupt(): void {
    this.#finish()
    this.#isDiscontinuous = this.window.segments.length > 0
    this.#muxer = undefined
    this.#leader = undefined
    this.#queues.clear()
    this.#held = []
    this.#heldBytes = 0
    this.#waitedFrom = undefined
    this.#cutAt = this.#lastKey = undefined
  }

  /** Ends the segment where others do, for what can be cut anywhere. */
  cutAt(time: number): void {
    this.#cutAt = time
  }

  /** Nothing follows. */
  end(): void {
    if (this.#muxer === undefined && this.#held.length > 0) this.#begin()
    this.interrupt()
  }

  #hold(held: Held): undefined {
    this.#held.push(held)
    this.#heldBytes += held.sample.data.length
    const seen = new Set(this.#held.map(({ track }) => track))
    const [first] = this.#held
    const span = held.sample.decodeTime - (first?.sample.decodeTime ?? 0)
    const isComplete = this.tracks.every(track => seen.has(track))
    const hasLeader =
      this.tracks.every(({ kind }) => kind === 'audio') || [...seen].some(({ kind }) => kind === 'video')
    // Long enough to measure how far frames are apart, too.
    const isMeasured = span >= Math.min(patience, this.#context.partDuration || patience)
    const isMuch = this.#held.length >= maxHeld || this.#heldBytes > this.window.maxSegmentBytes
    if ((isComplete && isMeasured) || (hasLeader && span >= patience) || span >= picturePatience || isMuch)
      this.#begin()
    return undefined
  }

  #begin(): void {
    const held = this.#held
    this.#held = []
    this.#heldBytes = 0
    const seen = new Set(held.map(({ track }) => track))
    this.#muxed = this.tracks.filter(track => seen.has(track) && track.description !== undefined)
    this.#leader = this.#muxed.find(({ kind }) => kind === 'video') ?? this.#muxed[0]
    const first = held.find(({ track }) => track === this.#leader)
    if (first === undefined) return
    this.#muxer = this.#context.muxer(this.sent)
    const { init } = this.#muxer
    if (init !== undefined && !this.#init?.body.equals(init)) this.#init = this.window.nameInit(init)
    this.#queues = new Map(this.#muxed.map(track => [track, new TrackQueue()]))
    const times = held.flatMap(({ track, sample }) => (track === this.#leader ? [sample.decodeTime] : []))
    this.#step = stepOf(times) ?? this.#step
    // It stays what it was when players were told.
    const { partDuration } = this.#context
    if (this.#partTarget === 0 && partDuration > 0)
      this.#partTarget = partTarget(partDuration, this.#step, isSteady(times))
    this.#segmentStart = this.#partStart = first.sample.decodeTime
    // Sound before the first picture is never heard.
    const from = first.sample.decodeTime - patience
    for (const { track, sample } of held) if (sample.decodeTime >= from) this.#add(track, sample)
  }

  #add(track: RenditionTrack, sample: OutputSample): number | undefined {
    const queue = this.#queues.get(track)
    if (queue === undefined) return undefined
    queue.add(sample)
    if (track !== this.#leader) return this.#follow(sample)
    this.#waitedFrom = undefined
    return this.#cut(queue, sample)
  }

  /** Pictures that have stopped are not waited for: sound goes on without them. */
  #follow({ decodeTime }: OutputSample): undefined {
    this.#waitedFrom ??= decodeTime
    const isLate = decodeTime - this.#waitedFrom > picturePatience
    if (!isLate && this.#queued() <= this.window.maxSegmentBytes) return
    const rest = this.#afterLeader()
    this.interrupt()
    for (const held of rest) {
      if (this.#muxer === undefined) this.#hold(held)
      else this.#add(held.track, held.sample)
    }
  }

  #queued(): number {
    let bytes = 0
    for (const queue of this.#queues.values()) bytes += queue.byteLength
    return bytes
  }

  /** Takes what comes after the last picture. */
  #afterLeader(): Held[] {
    const leader = this.#leader
    const end = (leader && this.#queues.get(leader)?.newestEnd) ?? this.#partStart
    const rest = [...this.#queues].flatMap(([track, queue]) =>
      track === leader ? [] : queue.takeFrom(end).map(sample => ({ track, sample })),
    )
    return rest.sort((one, other) => one.sample.decodeTime - other.sample.decodeTime)
  }

  #cut(queue: TrackQueue, { decodeTime: time, isSync }: OutputSample): number | undefined {
    if (queue.ready.length === 0) {
      this.#lastKey = time
      return undefined
    }
    if (this.#isSegmentDue(time, isSync)) {
      this.#split(queue, time)
      this.#endPart(time)
      this.#endSegment(time)
      this.#keySeen(time, isSync)
      return time
    }
    this.#keySeen(time, isSync)
    this.#cutParts(queue, time)
    return undefined
  }

  #keySeen(time: number, isSync: boolean): void {
    if (isSync) this.#lastKey = time
  }

  #isSegmentDue(time: number, isSync: boolean): boolean {
    const { segmentDuration } = this.#context
    const maxSegment = this.#context.maxSegment()
    const elapsed = time - this.#segmentStart
    if (elapsed + this.#step > maxSegment || (this.window.open?.byteLength ?? 0) > this.window.maxSegmentBytes)
      return true
    if (!isSync) return false
    if (this.isFollowing) return this.#cutAt !== undefined && time >= this.#cutAt
    const gop = this.#leader?.kind === 'audio' ? this.#step : time - (this.#lastKey ?? time)
    return elapsed + gop / 2 >= segmentDuration || elapsed + gop > maxSegment
  }

  #cutParts(queue: TrackQueue, time: number): void {
    if (this.#queued() > Math.min(maxPart, this.window.maxSegmentBytes)) return this.#endPart(time)
    if (this.#partTarget === 0) return
    this.#split(queue, time)
    if (time - this.#partStart + this.#step / 2 >= this.#partTarget) this.#endPart(time)
  }

  /** Frames that come unevenly: the last would make the part too long, and is for the next one. */
  #split(queue: TrackQueue, time: number): void {
    const last = queue.ready.at(-1)
    if (this.#partTarget === 0 || last === undefined || queue.ready.length < 2) return
    if (time - this.#partStart > this.#partTarget) this.#endPart(last.decodeTime, 1)
  }

  /** @param but frames of the leader that are for the next part */
  #endPart(time: number, but = 0): void {
    if (this.#muxer === undefined || this.#leader === undefined) return
    const samples = this.#muxed.map(track => this.#queues.get(track)?.take(track === this.#leader ? but : 0) ?? [])
    const leading = samples[this.#muxed.indexOf(this.#leader)] ?? []
    if (leading.length === 0) return
    if (this.window.open === undefined) {
      this.window.begin(this.#init, this.#context.dateOf(this.#partStart), this.#isDiscontinuous)
      this.#isDiscontinuous = false
      this.#segmentStart = this.#partStart
    }
    const isFirst = this.window.open?.parts.length === 0
    const isIndependent = leading.some(({ isSync }) => isSync)
    this.window.addPart(time - this.#partStart, isIndependent, this.#muxer.mux(samples, isFirst))
    this.#partStart = time
  }

  #endSegment(time: number): void {
    const { open } = this.window
    this.#segmentStart = time
    this.#cutAt = undefined
    if (open === undefined) return
    this.window.complete()
    this.#peak = Math.max(this.#peak, (open.byteLength * 8000) / Math.max(open.duration, 1))
    this.#totals = {
      bits: this.#totals.bits + open.byteLength * 8,
      seconds: this.#totals.seconds + open.duration / 1000,
    }
  }

  /** What has come is sent, the newest frames too. */
  #finish(): void {
    const { decodeTime = 0, duration = 0 } = this.#finished() ?? {}
    this.#endPart(decodeTime + duration)
    this.#endSegment(decodeTime + duration)
  }

  #finished(): OutputSample | undefined {
    for (const queue of this.#queues.values()) queue.finish()
    return this.#leader && this.#queues.get(this.#leader)?.ready.at(-1)
  }
}
