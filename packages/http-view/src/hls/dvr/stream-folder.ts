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

interface StoredSegment {
  readonly size: number
  readonly init: string | undefined
}

interface StoredInit {
  readonly size: number
  /** Segments that begin with it. */
  users: number
  isWritten: boolean
}

/** The segments of a stream in a folder of its own, and a journal of them. */
export class StreamFolder implements Archive {
  readonly path: string
  readonly stream: StreamLine
  readonly #room: Room
  readonly #holders = new Set<Holder>()
  /** The segments that are there, or on their way. */
  readonly #files = new Map<string, StoredSegment>()
  /** What they begin with, by name. */
  readonly #inits = new Map<string, StoredInit>()
  #bytes = 0
  readonly #lines = new Map<string, SegmentLine>()
  #index: string | undefined
  #isMade = false
  #pending = 0
  #hasFailed = false
  /** Whether the journal may end in a piece of a line. */
  #isBroken = false
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
    return this.#bytes
  }

  add(holder: Holder): void {
    this.#holders.add(holder)
    this.#room.add(holder)
  }

  put(rendition: string, segment: Segment, body: Buffer, done: (isStored: boolean) => void): boolean {
    const { name, init } = segment
    const more = init === undefined || this.#inits.has(init.name) ? 0 : init.body.length
    if (this.#pending + body.length > maxPending || !this.#room.take(body.length + more)) return false
    this.#hold(segment, body.length, more)
    this.#pending += body.length
    this.#do(() => this.#write(rendition, segment, body)).then(
      () => {
        this.#pending -= body.length
        done(true)
      },
      (error: unknown) => {
        this.#pending -= body.length
        // What was written of it takes room that may be all there is.
        this.remove(name)
        done(false)
        this.#fail(error)
      },
    )
    return true
  }

  remove(name: string): void {
    const gone = this.#free(name)
    if (gone.length === 0) return
    this.#do(async () => {
      if (this.#lines.delete(name)) this.#stale += 1
      for (const file of gone) await rm(join(this.path, file), { force: true })
    }).catch(() => {})
  }

  fileOf(name: string): string {
    return join(this.path, name)
  }

  /** Writes the playlist that lists the others; where there is one, only at the end. */
  describe(write: () => string, isEnd = false): void {
    if ((this.#index !== undefined && !isEnd) || this.#files.size === 0) return
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
    for (const name of this.#files.keys()) this.#free(name)
    await rm(this.path, { recursive: true, force: true }).catch(error => this.#fail(error))
    return undefined
  }

  async #write(rendition: string, segment: Segment, body: Buffer): Promise<void> {
    // It was forgotten on its way.
    if (!this.#files.has(segment.name)) return
    await this.#make()
    const { init } = segment
    const known = init && this.#inits.get(init.name)
    if (known?.isWritten === false) {
      await writeFile(join(this.path, init?.name ?? ''), init?.body ?? '')
      known.isWritten = true
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
    this.#isBroken = false
    this.#stale = 0
  }

  async #append(line: object): Promise<void> {
    const before = this.#isBroken ? '\n' : ''
    this.#isBroken = true
    await appendFile(join(this.path, journalName), `${before}${JSON.stringify(line)}\n`)
    this.#isBroken = false
  }

  #do(act: () => Promise<unknown>): Promise<unknown> {
    this.#last = this.#last.then(act, act)
    return this.#last
  }

  /** @param more bytes of what it begins with, where that is new */
  #hold({ name, init }: Segment, size: number, more: number): void {
    this.#files.set(name, { size, init: init?.name })
    this.#bytes += size + more
    if (init === undefined) return
    const known = this.#inits.get(init.name) ?? { size: more, users: 0, isWritten: false }
    known.users += 1
    this.#inits.set(init.name, known)
  }

  /** Gives back the room of a segment. @returns files that are good for nothing any more */
  #free(name: string): readonly string[] {
    const file = this.#files.get(name)
    if (file === undefined) return []
    this.#files.delete(name)
    const init = file.init === undefined ? undefined : this.#inits.get(file.init)
    if (init !== undefined) init.users -= 1
    const isLast = file.init !== undefined && init?.users === 0
    const bytes = file.size + (isLast ? init.size : 0)
    this.#bytes -= bytes
    this.#room.give(bytes)
    if (!isLast) return [name]
    this.#inits.delete(file.init)
    return [name, file.init]
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#room.failed(this.stream, error)
  }
}
