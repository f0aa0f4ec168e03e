import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Archive, Holder } from '../media/archive.ts'
import type { Segment } from '../media/segment.ts'
import { type SegmentLine, segmentLine, type StreamLine } from './journal.ts'

/** In the folder of a stream. */
export const journalName = 'journal.jsonl'
/** Bytes on their way to the disk. */
const maxPending = 64 * 1024 * 1024
/** Lines of a journal that are good for nothing any more. */
const maxStale = 1_000

/** The room that all streams share. */
export interface Room {
  /** Takes so many bytes. @returns whether they are there */
  take(bytes: number): boolean
  give(bytes: number): void
  add(holder: Holder): void
  delete(holder: Holder): void
  /** Told of the first failure of a stream. */
  failed(stream: StreamLine, error: unknown): void
}

/** The segments of a stream in a folder of its own, and a journal of them. */
export class StreamFolder implements Archive {
  readonly path: string
  readonly stream: StreamLine
  readonly #room: Room
  readonly #inits = new Set<string>()
  readonly #holders = new Set<Holder>()
  /** Sizes of the segments that are there, or on their way. */
  readonly #sizes = new Map<string, number>()
  readonly #lines = new Map<string, SegmentLine>()
  #index: string | undefined
  #isMade = false
  #pending = 0
  #hasFailed = false
  /** Lines of the journal for segments that are gone. */
  #stale = 0
  /** What was asked of the disk last: one thing after the other. */
  #last: Promise<unknown> = Promise.resolve()

  /** @param path made when there is something to write */
  constructor(path: string, stream: StreamLine, room: Room) {
    this.path = path
    this.stream = stream
    this.#room = room
  }

  /** Bytes of what is there. */
  get bytes(): number {
    return [...this.#sizes.values()].reduce((sum, size) => sum + size, 0)
  }

  add(holder: Holder): void {
    this.#holders.add(holder)
    this.#room.add(holder)
  }

  put(rendition: string, segment: Segment, body: Buffer, done: (isStored: boolean) => void): boolean {
    if (this.#pending + body.length > maxPending || !this.#room.take(body.length)) return false
    const { name } = segment
    this.#sizes.set(name, body.length)
    this.#pending += body.length
    this.#do(() => this.#write(rendition, segment, body)).then(
      () => {
        this.#pending -= body.length
        done(true)
      },
      (error: unknown) => {
        this.#pending -= body.length
        this.#free(name)
        done(false)
        this.#fail(error)
      },
    )
    return true
  }

  remove(name: string): void {
    if (!this.#free(name)) return
    this.#do(async () => {
      if (this.#lines.delete(name)) this.#stale += 1
      await rm(join(this.path, name), { force: true })
    }).catch(() => {})
  }

  fileOf(name: string): string {
    return join(this.path, name)
  }

  /** Writes the playlist that lists the others; where there is one, only at the end. */
  describe(write: () => string, isEnd = false): void {
    if ((this.#index !== undefined && !isEnd) || this.#sizes.size === 0) return
    const index = write()
    this.#index = index
    this.#do(() => this.#append({ index })).catch(error => this.#fail(error))
  }

  /** Writes no more; resolves when all is written. Bytes stay taken. */
  async end(): Promise<void> {
    for (const holder of this.#holders) this.#room.delete(holder)
    await this.#last.catch(() => {})
  }

  /** Removes all that is there. */
  async clear(): Promise<undefined> {
    await this.end()
    for (const name of this.#sizes.keys()) this.#free(name)
    await rm(this.path, { recursive: true, force: true }).catch(error => this.#fail(error))
    return undefined
  }

  async #write(rendition: string, segment: Segment, body: Buffer): Promise<void> {
    // It was forgotten on its way.
    if (!this.#sizes.has(segment.name)) return
    await this.#make()
    const { init } = segment
    if (init !== undefined && !this.#inits.has(init.name)) {
      await writeFile(join(this.path, init.name), init.body)
      this.#inits.add(init.name)
    }
    await writeFile(join(this.path, segment.name), body)
    const line = segmentLine(rendition, segment)
    this.#lines.set(segment.name, line)
    await (this.#stale > maxStale + this.#lines.size ? this.#rewrite() : this.#append(line))
  }

  async #make(): Promise<void> {
    if (this.#isMade) return
    await mkdir(this.path, { recursive: true, mode: 0o750 })
    await this.#append(this.stream)
    this.#isMade = true
  }

  /** A stream may go on for months: the journal does not. */
  async #rewrite(): Promise<void> {
    const lines = [this.stream, { index: this.#index }, ...this.#lines.values()]
    const file = join(this.path, journalName)
    await writeFile(`${file}.new`, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    await rename(`${file}.new`, file)
    this.#stale = 0
  }

  #append(line: object): Promise<void> {
    return appendFile(join(this.path, journalName), `${JSON.stringify(line)}\n`)
  }

  #do(act: () => Promise<unknown>): Promise<unknown> {
    this.#last = this.#last.then(act, act)
    return this.#last
  }

  #free(name: string): boolean {
    const size = this.#sizes.get(name)
    if (size === undefined) return false
    this.#sizes.delete(name)
    this.#room.give(size)
    return true
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#room.failed(this.stream, error)
  }
}
