import { randomBytes } from 'node:crypto'
import { access, constants, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '@rtmpipe/chunk-stream'
import { type Logger, shownName } from '@rtmpipe/session'
import type { DvrSettings } from '../hls-options.ts'
import type { Holder } from '../media/archive.ts'
import type { CacheTimes } from '../serve/cache-times.ts'
import type { StreamLine } from './journal.ts'
import { isInUse } from './is-in-use.ts'
import { Recording } from './recording.ts'
import { type Room, StreamFolder } from './stream-folder.ts'

/** Of our own folders: those that have names like these are cleared at the start. */
const ours = /^rtmpipe-hls-[\w-]{16}$/
/** Recordings that are kept, whatever there is room for. */
const maxRecordings = 1_000
/** Recordings whose lists of segments are in memory while nobody watches them. */
const maxIdle = 16

/** The folder where the segments of all streams are, with room for so many bytes. */
export class DvrFolder implements Room {
  readonly #settings: DvrSettings
  readonly #folder: string
  readonly #cache: CacheTimes
  readonly #log: Logger
  readonly #holders = new Set<Holder>()
  readonly #ending = new Set<Promise<unknown>>()
  /** The oldest first. */
  #recordings: Recording[] = []
  #bytes = 0

  constructor(settings: DvrSettings & { readonly folder: string }, cache: CacheTimes, log: Logger) {
    this.#settings = settings
    this.#folder = settings.folder
    this.#cache = cache
    this.#log = log
  }

  /** Bytes that are taken. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Makes the folder, and clears it of what an earlier run has left. What is to be kept is found again.
   *
   * @throws UsageError `RTMP_ERR_USAGE` where nothing can be written
   */
  async open(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true })
      await access(this.#folder, constants.W_OK | constants.X_OK)
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      const text = `hls(): dvr.folder ${this.#folder} can not be written (${code}): choose another, or make it writable`
      throw new UsageError('RTMP_ERR_USAGE', text)
    }
    const names = (await readdir(this.#folder)).filter(name => ours.test(name))
    for (const path of names.map(name => join(this.#folder, name))) await this.#find(path)
    this.#recordings.sort((one, other) => one.stream.began - other.stream.began)
    this.#tidy()
  }

  /** A folder for a stream. */
  begin(app: string, name: string, began: number): StreamFolder {
    const path = join(this.#folder, `rtmpipe-hls-${randomBytes(12).toString('base64url')}`)
    return new StreamFolder(path, { app, name, began, pid: process.pid }, this)
  }

  /** A stream is over: what is there stays as a recording, or goes. */
  end(folder: StreamFolder): Promise<Recording | undefined> {
    const ending = this.#settings.keep > 0 && folder.bytes > 0 ? this.#keep(folder) : folder.clear()
    return this.#finish(ending)
  }

  /**
   * What was kept of a stream.
   *
   * @param date of its beginning, as in its address; default the newest
   */
  recording(app: string, name: string, date?: string): Recording | undefined {
    const isWanted = ({ stream }: Recording): boolean =>
      stream.app === app && stream.name === name && (date === undefined || dateOf(stream.began) === date)
    return this.#recordings.findLast(isWanted)
  }

  /** Opens a recording for somebody. @throws HlsRefusal where it has been removed meanwhile */
  async load(recording: Recording): Promise<void> {
    const idle = this.#recordings.filter(({ isLoaded, viewers }) => isLoaded && viewers === 0)
    for (const one of idle.slice(0, Math.max(0, idle.length - maxIdle))) if (one !== recording) one.unload()
    await recording.load()
  }

  /** To be called now and then: removes what was kept for long enough. */
  look(): void {
    this.#tidy()
  }

  /** Resolves when all is written. */
  async close(): Promise<void> {
    await Promise.all(this.#ending)
  }

  take(bytes: number): boolean {
    const { maxBytes } = this.#settings
    // Nothing gives way for what has no room at all.
    if (bytes > maxBytes) return false
    while (this.#bytes + bytes > maxBytes) if (!this.#makeRoom()) return false
    this.#bytes += bytes
    return true
  }

  give(bytes: number): void {
    this.#bytes -= bytes
  }

  add(holder: Holder): void {
    this.#holders.add(holder)
  }

  delete(holder: Holder): void {
    this.#holders.delete(holder)
  }

  failed({ app, name }: StreamLine, error: unknown): void {
    this.#log.warn({ app, stream: shownName(name), err: error }, 'segments of HLS can not be written to the disk')
  }

  /** Recordings give way first, the oldest one; then the stream that has most. */
  #makeRoom(): boolean {
    const [oldest] = this.#recordings
    if (oldest !== undefined) {
      this.#remove(oldest)
      return true
    }
    const [most] = [...this.#holders].sort((one, other) => other.storedBytes - one.storedBytes)
    return most?.dropOldest() === true
  }

  async #find(path: string): Promise<void> {
    if (await isInUse(path)) return
    const recording = this.#settings.keep > 0 ? await Recording.at(path, this.#cache) : undefined
    if (recording === undefined) return rm(path, { recursive: true, force: true })
    this.#recordings.push(recording)
    this.#bytes += recording.bytes
  }

  async #keep(folder: StreamFolder): Promise<Recording> {
    await folder.end()
    const { path, stream, bytes } = folder
    const recording = new Recording({ path, stream, bytes, ended: Date.now() }, this.#cache)
    this.#recordings.push(recording)
    const { app, name, began } = stream
    this.#log.info({ app, stream: shownName(name), date: dateOf(began), bytes }, 'the stream is kept as HLS')
    this.#tidy()
    return recording
  }

  #tidy(): void {
    const { keep, maxBytes } = this.#settings
    const since = Date.now() - keep * 1000
    const isOver = ({ ended }: Recording): boolean => ended < since
    for (const recording of this.#recordings.filter(isOver)) this.#remove(recording)
    while (this.#recordings.length > maxRecordings || this.#bytes > maxBytes) {
      const [oldest] = this.#recordings
      if (oldest === undefined) return
      this.#remove(oldest)
    }
  }

  #remove(recording: Recording): void {
    this.#recordings = this.#recordings.filter(one => one !== recording)
    this.#bytes -= recording.bytes
    recording.unload()
    const removing = rm(recording.path, { recursive: true, force: true }).catch((error: unknown) =>
      this.failed(recording.stream, error),
    )
    void this.#finish(removing)
  }

  #finish<T>(ending: Promise<T>): Promise<T> {
    this.#ending.add(ending)
    return ending.finally(() => this.#ending.delete(ending))
  }
}

/** As it stands in addresses: `20261130-154435`, UTC. */
export function dateOf(time: number): string {
  return new Date(time)
    .toISOString()
    .replace(/[-:]|\..*$/g, '')
    .replace('T', '-')
}
