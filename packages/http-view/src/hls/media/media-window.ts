import type { Archive, StoredFile } from './archive.ts'
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
  /** Milliseconds that are in memory, of those; the rest is in files. Default all. */
  readonly memory?: number | undefined
  /** Where segments go that are in memory no longer; without it they are forgotten. */
  readonly archive?: Archive | undefined
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
  /** Those whose bytes are in files alone: the oldest. */
  #unloaded = 0
  #storedBytes = 0
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
    options.archive?.add(this)
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

  /** Bytes of it in files. */
  get storedBytes(): number {
    return this.#storedBytes
  }

  /** Bytes that are kept in memory. */
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
    this.#store(open)
    this.#trim()
  }

  /** The bytes of that name, or where they are; undefined for what is not there. */
  file(name: string): Buffer | StoredFile | undefined {
    const file = this.#files.get(name)
    if (file === undefined) return undefined
    if (file.body !== undefined) return file.body
    const path = this.#options.archive?.fileOf(name)
    return path === undefined ? undefined : { path, size: (file as Segment).byteLength }
  }

  /**
   * Gives up the oldest file: its segment is forgotten, now or when it is in memory no longer.
   *
   * @returns whether there was one
   */
  dropOldest(): boolean {
    if (this.#unloaded > 0) {
      this.#forgetFirst()
      this.#version += 1
      return true
    }
    const oldest = this.#segments.find(({ isComplete, isStored }) => isComplete && isStored !== false)
    if (oldest !== undefined) this.#unstore(oldest)
    return oldest !== undefined
  }

  #store(segment: Segment): void {
    const { archive, name } = this.#options
    if (archive === undefined || segment.body === undefined) return
    const { body } = segment
    const isTaken = archive.put(name, segment, body, isStored => {
      // It may have been given up meanwhile.
      if (segment.isStored === undefined && !isStored) this.#storedBytes -= body.length
      segment.isStored ??= isStored
    })
    if (isTaken) this.#storedBytes += body.length
    else segment.isStored = false
  }

  #trim(): void {
    const { window, grace } = this.#options
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
    this.#unloadOld()
    // A quarter is for the segment that comes.
    while (this.#isFull && this.#segments.length > 1) {
      if (!this.#unloadFirst()) this.#forgetFirst()
    }
  }

  get #isFull(): boolean {
    return this.#kept > this.#options.maxBytes * 0.75
  }

  /** What is older than is kept in memory is had from its file, as soon as it is there. */
  #unloadOld(): void {
    const { archive, memory = Infinity } = this.#options
    if (archive === undefined) return
    let loaded = this.#segments.slice(this.#unloaded).reduce((sum, { duration }) => sum + duration, 0)
    while (this.#segments.length - this.#unloaded > 3) {
      const first = this.#segments[this.#unloaded] as Segment
      loaded -= first.duration
      if (loaded < memory) return
      // What could not be stored is gone, and all before it: numbers have no holes.
      if (first.isStored === false) while (this.#segments[0] !== first) this.#forgetFirst()
      if (first.isStored === false) this.#forgetFirst()
      else if (!this.#unloadFirst()) return
    }
  }

  /** @returns whether the oldest segment in memory is in a file alone now */
  #unloadFirst(): boolean {
    const segment = this.#segments[this.#unloaded]
    if (segment?.isStored !== true || this.#segments.length - this.#unloaded < 2) return false
    this.#release(segment)
    segment.unload()
    this.#unloaded += 1
    return true
  }

  /** Takes the bytes of a segment out of what is counted, and its parts out of what can be had. */
  #release(segment: Segment): void {
    this.#byteLength -= segment.byteLength
    this.#kept -= segment.byteLength + segment.parts.length * partCost
    for (const { name } of segment.parts) this.#files.delete(name)
  }

  #unlist({ isDiscontinuous }: Segment): void {
    this.#unlisted += 1
    if (isDiscontinuous) this.#discontinuitySequence += 1
  }

  #forgetFirst(): void {
    if (this.#unlisted === 0) this.#unlist(this.#segments[0] as Segment)
    this.#forget()
  }

  #forget(): Segment {
    const segment = this.#segments.shift() as Segment
    this.#unlisted -= 1
    if (this.#unloaded > 0) this.#unloaded -= 1
    else this.#release(segment)
    this.#unstore(segment)
    this.#kept -= segmentCost + (segment.init?.body.length ?? 0)
    this.#files.delete(segment.name)
    const { init } = segment
    if (init !== undefined && this.#segments[0]?.init !== init) this.#files.delete(init.name)
    return segment
  }

  #unstore(segment: Segment): void {
    const { archive } = this.#options
    if (archive === undefined || segment.isStored === false) return
    segment.isStored = false
    this.#storedBytes -= segment.byteLength
    archive.remove(segment.name)
  }

  #newName(): string {
    return `${this.#options.name}-${this.#options.random()}`
  }

  #partName(name: string, place: number): string {
    return `${name}.${place}${this.#options.extension}`
  }
}
