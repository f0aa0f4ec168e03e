import { join, relative, sep } from 'node:path'
import { isFrame, isPicture, isSound, RecordingClock } from '@rtmpipe/flv'
import {
  mediaRole,
  type PublishInfo,
  type RtmpMessage,
  type StreamRecording,
  type StreamView,
  type Subscription,
  shownName,
} from '@rtmpipe/session'
import { RecordError } from './errors.ts'
import { FlvWriter } from './flv-writer.ts'
import { Gaps } from './gaps.ts'
import { MainTrack } from './main-track.ts'
import { Mp4Writer } from './mp4-writer.ts'
import { newestFlv } from './newest-file.ts'
import type { Notices } from './notices.ts'
import type { RecordedFile, RecordFormat } from './options.ts'
import { parsePartName } from './part-name.ts'
import { RecordStatus } from './record-status.ts'
import type { RecordingWriter, TimedMessage } from './recording-writer.ts'
import { recover } from './recover.ts'
import type { RecordSettings } from './settings.ts'
import { StreamHead } from './stream-head.ts'

/** Milliseconds without a picture after which sound goes on alone. */
const pictureSilence = 5_000
/** Most keyframes in the index of a file; of more, every second one is left out. */
const maxKeyframes = 2_048
/** Most files that are made of what is left at the end. */
const maxRest = 8
/** Milliseconds until a file that can not be opened ends the recording. */
const openTimeout = 10_000

/** A live stream, and its publish if a client of ours publishes it. */
export interface Recorded {
  readonly stream: StreamView
  readonly publish: PublishInfo | undefined
}

/**
 * Writes one publish to files, from now to its end or {@link stop}. Never rejects: errors are told to the callbacks.
 */
export class Recording implements StreamRecording {
  readonly by = 'record'
  readonly since: Date = new Date()
  /** Resolves when the last file is complete. */
  readonly done: Promise<void>
  readonly #subject: Recorded
  /** When the publish began. */
  readonly #began: number | undefined
  readonly #ended: () => void
  readonly #settings: RecordSettings
  readonly #notices: Notices
  readonly #subscription: Subscription
  readonly #status: RecordStatus
  readonly #clock = new RecordingClock()
  readonly #head = new StreamHead()
  readonly #mainTrack = new MainTrack()
  readonly #gaps: Gaps
  #format: RecordFormat
  #appends: boolean
  #writer: FlvWriter | Mp4Writer | undefined
  #startedAt = new Date()
  #files = 0
  #hasKeyframe = false
  #discontinuity = false
  #hasGap = false
  /** Frames that the file before has left to the next one. */
  #postponed: readonly TimedMessage[] = []
  /** Length of this file when its last picture came; undefined if it has no picture. */
  #lastPicture: number | undefined
  #stops = false
  #wake = (): void => {}

  /**
   * @param before the recording of the publish before, which has to be complete first
   * @param ended called when somebody ends it, see {@link StreamRecording.end}
   */
  constructor(
    recorded: Recorded,
    settings: RecordSettings,
    notices: Notices,
    before: Promise<void> | undefined,
    ended: () => void,
  ) {
    const { stream, publish } = recorded
    this.#subject = recorded
    this.#began = stream.since?.getTime()
    this.#ended = ended
    this.#settings = settings
    this.#notices = notices
    this.#status = new RecordStatus(publish)
    this.#format = settings.format
    this.#appends = publish?.publishingType === 'append'
    const { whenSlow } = settings
    // Frames are lost only for the memory that they would take: a file may be written later than live.
    this.#subscription = stream.subscribe({ whenSlow, ...(whenSlow === 'drop' && { maxDuration: Infinity }) })
    this.#gaps = new Gaps(this.#subscription)
    for (const event of ['readable', 'end', 'close', 'error']) this.#subscription.on(event, () => this.#wake())
    const hide = stream.addRecording(this)
    this.done = this.#run(before).finally(hide)
  }

  /** True if it is still recording this publish. */
  isOf({ stream, publish }: Recorded): boolean {
    const { stream: mine, publish: myPublish } = this.#subject
    if (this.#stops || mine !== stream || myPublish !== publish) return false
    return publish !== undefined || this.#began === stream.since?.getTime()
  }

  /** Of the present file. */
  get bytes(): number {
    return this.#writer?.size ?? 0
  }

  get file(): string | undefined {
    const { name } = this.#subject.stream
    if (this.#writer === undefined || shownName(name) !== name) return undefined
    return relative(this.#settings.dir, this.#writer.name).replaceAll(sep, '/')
  }

  end(): void {
    this.#ended()
    void this.stop()
  }

  /** Writes what has come so far and completes the file. */
  stop(): Promise<void> {
    this.#stops = true
    this.#subscription.finish()
    return this.done
  }

  async #run(before: Promise<void> | undefined): Promise<void> {
    await before
    try {
      for (let message = await this.#next(); message !== undefined; message = await this.#next()) {
        await this.#take(message)
      }
      const { errored } = this.#subscription
      if (errored) this.#tell(errored)
      await this.#finish()
      // What waited for a keyframe that did not come.
      for (let attempt = 0; this.#postponed.length > 0 && attempt < maxRest; attempt += 1) {
        await this.#begin()
        await this.#finish()
      }
      if (errored) this.#status.failed(errored)
      else this.#status.stopped()
    } catch (error) {
      // Comes first, so that the publisher does not wait for a disk that does not write.
      this.#subscription.destroy()
      this.#status.failed(error as Error)
      await this.#salvage(error as Error)
    } finally {
      this.#subscription.destroy()
    }
  }

  async #next(): Promise<RtmpMessage | undefined> {
    for (;;) {
      const message = this.#subscription.read() as RtmpMessage | null
      if (message !== null) return message
      if (this.#subscription.readableEnded || this.#subscription.destroyed) return undefined
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }

  async #take(message: RtmpMessage): Promise<void> {
    this.#head.add(message, mediaRole(message))
    const isMainKeyframe = this.#mainTrack.isKeyframe(message)
    if (message.discontinuity === true) {
      // If the mark is on a header, it counts for the next frame.
      this.#discontinuity = true
      await this.#markGap()
    }
    let time: number
    if (isFrame(message)) {
      // Without a keyframe before it, no picture can be seen.
      this.#hasKeyframe ||= isMainKeyframe
      if (isPicture(message) && !this.#hasKeyframe) return
      time = this.#clock.advance(message, this.#discontinuity)
      this.#discontinuity = false
      if (this.#isDue(message, isMainKeyframe, time)) await this.#finish()
      if (this.#writer === undefined) time = await this.#begin(time)
      if (isPicture(message) && this.#writer?.fits(message) === true) this.#lastPicture = this.#clock.now
    } else time = this.#clock.beside(message)
    // The metadata of a file stand at its beginning already.
    if (this.#writer !== undefined) await this.#write(message, time)
  }

  /** True if the file ends before this message. */
  #isDue(message: RtmpMessage, isMainKeyframe: boolean, time: number): boolean {
    const [writer, lastPicture] = [this.#writer, this.#lastPicture]
    if (writer === undefined) return false
    const { duration, bytes, atKeyframe } = this.#settings.segment
    const isAlone = lastPicture === undefined || this.#clock.now - lastPicture > pictureSilence
    const isCut = isMainKeyframe || (isSound(message) && isAlone)
    if (!isCut) return false
    if (writer.isOutdated || !writer.fits(message)) return true
    return time >= duration || writer.size >= bytes || (atKeyframe && lastPicture !== undefined)
  }

  /** Says in the file, and once for each file in the log, that frames are missing. */
  async #markGap(): Promise<void> {
    const gap = this.#gaps.mark()
    if (gap === undefined) return
    if (!this.#hasGap) this.#warn('the disk is slower than the stream: frames are missing in the recording')
    this.#hasGap = true
    if (this.#writer !== undefined) await this.#write(gap, this.#clock.beside(gap))
  }

  /**
   * @param first time of the frame that comes next, in the file before; undefined if none comes any more
   * @returns its time in this file
   */
  async #begin(first?: number): Promise<number> {
    this.#startedAt = new Date()
    this.#files += 1
    this.#lastPicture = undefined
    this.#writer = await this.#open()
    this.#status.started()
    this.#log('recording')
    const start = Math.ceil(this.#writer.duration)
    const postponed = this.#postponed
    this.#postponed = []
    const origin = postponed.reduce((least, { time }) => Math.min(least, time), first ?? Infinity)
    const time = this.#clock.beginFile(start, postponed.length > 0 ? origin : undefined)
    for (const header of this.#head.headers) await this.#write(header, start)
    for (const { message, time: before } of postponed) await this.#write(message, before - origin + start)
    return time
  }

  /** @throws RecordError `RTMP_ERR_RECORD_OPEN` when the disk does not answer: the publisher may be waiting for it */
  async #open(): Promise<FlvWriter | Mp4Writer> {
    const opening = (async () => (await this.#append()) ?? (await this.#create()))()
    let timer: NodeJS.Timeout | undefined
    const overrun = new Promise<undefined>(resolve => {
      timer = setTimeout(() => resolve(undefined), openTimeout)
    })
    try {
      const writer = await Promise.race([opening, overrun])
      if (writer !== undefined) return writer
    } finally {
      clearTimeout(timer)
    }
    // Nobody waits for it any more: what is opened after all is left as it was.
    opening.then(leave).catch(() => {})
    throw new RecordError('RTMP_ERR_RECORD_OPEN', `the file could not be opened within ${openTimeout / 1000} s`)
  }

  async #create(): Promise<FlvWriter | Mp4Writer> {
    const { app, name: streamName } = this.#subject.stream
    const { dir, name } = this.#settings
    const path = name.expand({ app, streamName, date: this.#startedAt, counter: this.#files })
    const file = `${join(dir, path)}.${this.#format}`
    const { metadata } = this.#head
    return this.#format === 'flv' ? FlvWriter.create(file, metadata, this.#capacity) : Mp4Writer.create(file, metadata)
  }

  /** Opens the newest file of this stream, to go on where it ends; undefined for a new one. */
  async #append(): Promise<FlvWriter | undefined> {
    const isFirst = this.#appends
    this.#appends = false
    if (!isFirst || this.#format !== 'flv') return undefined
    const { app, name: streamName } = this.#subject.stream
    const { dir, name } = this.#settings
    const file = await newestFlv(dir, name.pattern(app, streamName))
    if (file === undefined) return undefined
    try {
      return await FlvWriter.append(file, maxKeyframes)
    } catch (error) {
      // A file that is damaged is left alone.
      if (!(error instanceof RecordError)) throw error
      this.#tell(error, file)
      return undefined
    }
  }

  /** One keyframe per second is more than most encoders send. */
  get #capacity(): number {
    const { duration, atKeyframe } = this.#settings.segment
    return atKeyframe ? 2 : Math.min(maxKeyframes, 16 + 2 * Math.ceil(duration / 1000))
  }

  async #write(message: RtmpMessage, time: number): Promise<void> {
    try {
      await this.#writer?.write(message, time)
    } catch (error) {
      await this.#leaveMp4(error)
    }
  }

  /** Goes on as FLV if MP4 has no place for a codec, with all messages that were not written yet. */
  async #leaveMp4(error: unknown): Promise<void> {
    const writer = this.#writer
    if (!(error instanceof RecordError) || !(writer instanceof Mp4Writer)) throw error
    this.#tell(error)
    this.#format = 'flv'
    if (writer.held.length === 0) return this.#finish()
    this.#writer = undefined
    await writer.discard()
    this.#writer = await this.#open()
    for (const { message, time } of writer.held) await this.#writer.write(message, time)
  }

  async #finish(): Promise<void> {
    const writer: RecordingWriter | undefined = this.#writer
    if (writer === undefined) return
    let file: string
    try {
      file = await writer.finish()
    } catch (error) {
      await this.#leaveMp4(error)
      return this.#finish()
    }
    this.#writer = undefined
    this.#postponed = writer.postponed
    this.#recorded(file, writer.size, writer.duration)
  }

  /** Keeps what is on the disk already. */
  async #salvage(error: Error): Promise<void> {
    const writer = this.#writer
    this.#writer = undefined
    let part: string | undefined
    try {
      part = await writer?.abandon()
      this.#tell(error, part)
      const name = part === undefined ? undefined : parsePartName(part)?.name
      if (part === undefined || name === undefined) return
      const kept = await recover(part, name)
      if (kept !== undefined) this.#recorded(kept.file, kept.bytes, kept.duration)
    } catch (again) {
      if ((again as NodeJS.ErrnoException).code !== 'ENOENT') this.#tell(again as Error, part)
    }
  }

  #recorded(file: string, bytes: number, duration: number): void {
    const { app, name: streamName } = this.#subject.stream
    const format = file.endsWith('.mp4') ? 'mp4' : 'flv'
    const dropped = this.#gaps.take()
    this.#hasGap = false
    const fields = { file, format, app, streamName, startedAt: this.#startedAt, duration, bytes, dropped } as const
    this.#notices.recorded(Object.defineProperty(fields, 'publish', { value: this.#subject.publish }) as RecordedFile)
  }

  #tell(error: Error, file?: string): void {
    const { app, name: streamName } = this.#subject.stream
    this.#notices.failed({ error, app, streamName, file })
  }

  #log(message: string): void {
    const { app, name: streamName } = this.#subject.stream
    this.#settings.log.debug({ app, stream: shownName(streamName) }, message)
  }

  #warn(message: string): void {
    const { app, name: streamName } = this.#subject.stream
    this.#settings.log.warn({ app, stream: shownName(streamName) }, message)
  }
}

/** Gives a file that was appended to its name back, and removes a new one. */
async function leave(writer: RecordingWriter): Promise<void> {
  const part = await writer.abandon()
  const name = parsePartName(part)?.name
  if (name !== undefined) await recover(part, name)
}
