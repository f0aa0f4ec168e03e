import type { Part } from './part.ts'
import { type Init, Segment } from './segment.ts'

/** What a media window keeps, and how it names that. */
export interface MediaWindowOptions {
  /** Of the rendition; names of its segments begin with it. */
  readonly name: string
  /** Of the names of segments and parts, with its dot. */
  readonly extension: string
  /** Milliseconds that are listed. */
  readonly window: number
  /** Milliseconds after which what is listed no more is forgotten. */
  readonly grace: number
  /** Bytes that are kept at most; what is complete goes first. */
  readonly maxBytes: number
  /** Something that nobody can guess, for each name anew. */
  readonly random: () => string
}

/** Bytes that a segment takes, and each of its parts, beside its media. */
const [segmentCost, partCost] = [1_024, 512]

/** The segments of a rendition that can be had, the last of which may be under way. Names tell nothing of other names. */
export class MediaWindow {
  readonly #options: MediaWindowOptions
  readonly #segments: Segment[] = []
  readonly #files = new Map<string, Part | Segment | Init>()
  /** Those that are forgotten next, and are listed no more. */
  #unlisted = 0
  #discontinuitySequence = 0
  #byteLength = 0
  /** With what is kept beside media: there may be many segments that have nearly none. */
  #kept = 0
  #nextNumber = 0
  #nextName: string
  #version = 0

  constructor(options: MediaWindowOptions) {
    this.#options = options
    this.#nextName = this.#newName()
  }

  /** Those that are listed. */
  get segments(): readonly Segment[] {
    return this.#segments.slice(this.#unlisted)
  }

  /** How many discontinuities were before those that are listed. */
  get discontinuitySequence(): number {
    return this.#discontinuitySequence
  }

  /** The segment under way. */
  get open(): Segment | undefined {
    const last = this.#segments.at(-1)
    return last?.isComplete === false ? last : undefined
  }

  /** Bytes that are kept. */
  get byteLength(): number {
    return this.#byteLength
  }

  /** Grows whenever a playlist of it changes. */
  get version(): number {
    return this.#version
  }

  /** Media sequence number of the segment under way, or of the next one. */
  get nextNumber(): number {
    return this.open?.number ?? this.#nextNumber
  }

  /** How the part will be called that comes next. */
  get nextPartName(): string {
    const { open } = this
    return this.#partName(
      open?.name.slice(0, -this.#options.extension.length) ?? this.#nextName,
      open?.parts.length ?? 0,
    )
  }

  /** Bytes of a segment that ends whatever its duration is. */
  get maxSegmentBytes(): number {
    return this.#options.maxBytes / 4
  }

  /** Names what media need; it is kept as long as a segment is that began with it. */
  nameInit(body: Buffer): Init {
    return { name: `${this.#newName()}.mp4`, body }
  }

  /** Begins a segment. */
  begin(init: Init | undefined, date: number, isDiscontinuous: boolean): void {
    const name = this.#nextName + this.#options.extension
    this.#segments.push(new Segment({ number: this.#nextNumber, name, init, date, isDiscontinuous }))
    if (init !== undefined) this.#files.set(init.name, init)
    this.#kept += segmentCost + (init?.body.length ?? 0)
    this.#nextNumber += 1
    this.#nextName = this.#newName()
  }

  /** Adds a part to the segment under way. */
  addPart(duration: number, isIndependent: boolean, body: Buffer): void {
    const { nextPartName: name, open } = this
    const part: Part = { name, duration, isIndependent, body }
    open?.add(part)
    this.#files.set(name, part)
    this.#byteLength += body.length
    this.#kept += body.length + partCost
    this.#version += 1
  }

  /** Completes the segment under way, and forgets what is too old. */
  complete(): void {
    const { open } = this
    if (open === undefined) return
    open.complete()
    this.#version += 1
    this.#files.set(open.name, open)
    this.#trim()
  }

  /** The bytes of that name; undefined for what is not there. */
  file(name: string): Buffer | undefined {
    return this.#files.get(name)?.body
  }

  #trim(): void {
    const { window, grace, maxBytes } = this.#options
    let kept = this.#segments.slice(this.#unlisted).reduce((sum, { duration }) => sum + duration, 0)
    // At least three, which players need to begin.
    while (this.#segments.length - this.#unlisted > 3) {
      const first = this.#segments[this.#unlisted] as Segment
      if (kept - first.duration < window) break
      kept -= first.duration
      this.#unlist(first)
    }
    let past = this.#segments.slice(0, this.#unlisted).reduce((sum, { duration }) => sum + duration, 0)
    while (this.#unlisted > 0 && past > grace) past -= this.#forget().duration
    // A quarter is for the segment that comes.
    while (this.#kept > maxBytes * 0.75 && this.#segments.length > 1) {
      if (this.#unlisted === 0) this.#unlist(this.#segments[0] as Segment)
      this.#forget()
    }
  }

  #unlist({ isDiscontinuous }: Segment): void {
    this.#unlisted += 1
    if (isDiscontinuous) this.#discontinuitySequence += 1
  }

  #forget(): Segment {
    const segment = this.#segments.shift() as Segment
    this.#unlisted -= 1
    this.#byteLength -= segment.byteLength
    this.#kept -= segment.byteLength + segmentCost + segment.parts.length * partCost + (segment.init?.body.length ?? 0)
    this.#files.delete(segment.name)
    for (const { name } of segment.parts) this.#files.delete(name)
    const { init } = segment
    if (init !== undefined && this.#segments[0]?.init !== init) this.#files.delete(init.name)
    return segment
  }

  #newName(): string {
    return `${this.#options.name}-${this.#options.random()}`
  }

  #partName(name: string, place: number): string {
    return `${name}.${place}${this.#options.extension}`
  }
}
