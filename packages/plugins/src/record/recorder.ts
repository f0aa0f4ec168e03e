import { type Host, type Logger, type Plugin, type PublishInfo, streamKey } from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../inject.ts'
import { PluginLog } from '../plugin-log.ts'
import { LOGGER } from '../tokens/index.ts'
import { withPart } from './claim-part.ts'
import { Notices } from './notices.ts'
import type { RecordOptions } from './options.ts'
import { RecordStatus } from './record-status.ts'
import { Recording } from './recording.ts'
import { findParts, recover } from './recover.ts'
import { type RecordSettings, settingsOf } from './settings.ts'

/** Options of {@link Recorder} where it is given as a class. */
export const RECORD_OPTIONS: InjectionToken<Omit<RecordOptions, 'log'>> = Symbol.for('rtmpipe.RecordOptions')

/** Records published streams to files. Made by {@link record}, for one server. */
export class Recorder implements Plugin {
  readonly name = 'record'
  readonly #log: PluginLog
  readonly #settings: RecordSettings
  readonly #notices: Notices
  readonly #live = new Map<string, PublishInfo>()
  readonly #recordings = new Map<string, Recording>()
  readonly #asked = new Set<string>()
  /** Includes recordings whose publish has ended. */
  readonly #running = new Set<Promise<void>>()

  /** @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, RecordError `RTMP_ERR_RECORD_OPTION` */
  constructor(@inject(RECORD_OPTIONS) options: Omit<RecordOptions, 'log'>, @inject(LOGGER) log?: Logger) {
    this.#log = new PluginLog(this.name, log)
    this.#settings = settingsOf(options, this.#log)
    this.#notices = new Notices(options, this.#log)
  }

  setup(host: Host): void {
    this.#log.use(host)
  }

  /** Records a stream from now on, or as soon as somebody publishes it, again and again until {@link stop}. */
  start(app: string, streamName: string): void {
    const key = streamKey({ app, streamName })
    this.#asked.add(key)
    const publish = this.#live.get(key)
    if (publish !== undefined) this.#begin(key, publish)
  }

  /** Ends what {@link start} began, and the present recording of the stream. Resolves when the file is complete. */
  async stop(app: string, streamName: string): Promise<void> {
    const key = streamKey({ app, streamName })
    this.#asked.delete(key)
    await this.#recordings.get(key)?.stop()
  }

  /** True while the stream is being recorded. */
  isRecording(app: string, streamName: string): boolean {
    return this.#recordings.has(streamKey({ app, streamName }))
  }

  /** Completes files that a crash has cut off. */
  async onListen(): Promise<void> {
    try {
      for (const part of await findParts(this.#settings.dir)) await this.#repair(part)
    } catch (error) {
      this.#notices.failed({ error: error as Error, app: '', streamName: '', file: this.#settings.dir })
    }
  }

  onPublishStart(publish: PublishInfo): void {
    const key = streamKey(publish)
    this.#live.set(key, publish)
    if (this.#asked.has(key) || this.#isWanted(publish)) this.#begin(key, publish)
    else new RecordStatus(publish).refused()
  }

  onPublishEnd(publish: PublishInfo): void {
    const key = streamKey(publish)
    if (this.#live.get(key) === publish) this.#live.delete(key)
  }

  async onClose(): Promise<void> {
    await Promise.all(this.#running)
    await this.#notices.settled()
  }

  #isWanted(publish: PublishInfo): boolean {
    const { when } = this.#settings
    if (typeof when === 'function') return when(publish)
    return when === 'always' || publish.publishingType !== 'live'
  }

  #begin(key: string, publish: PublishInfo): void {
    const before = this.#recordings.get(key)
    if (before?.isOf(publish)) return
    const recording = new Recording(publish, this.#settings, this.#notices, before?.done)
    this.#recordings.set(key, recording)
    const running = recording.done.then(() => {
      this.#running.delete(running)
      if (this.#recordings.get(key) === recording) this.#recordings.delete(key)
    })
    this.#running.add(running)
  }

  async #repair(part: string): Promise<void> {
    try {
      const repaired = await withPart(part, recover)
      if (repaired !== undefined) this.#notices.repaired(repaired)
    } catch (error) {
      this.#notices.failed({ error: error as Error, app: '', streamName: '', file: part })
    }
  }
}

/**
 * A plugin that records what is published.
 *
 * @example
 * ```ts
 * server.use(record({ dir: 'recordings', onRecorded: ({ file, duration }) => console.log(file, duration) }))
 * ```
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, RecordError `RTMP_ERR_RECORD_OPTION`
 */
export function record(options: RecordOptions): Recorder {
  return new Recorder(options, options.log)
}
