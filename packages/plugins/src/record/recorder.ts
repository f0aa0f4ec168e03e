import {
  type Host,
  type Logger,
  type Plugin,
  type PublishInfo,
  shownName,
  streamKey,
  type StreamRecording,
  type StreamView,
  UsageError,
} from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../inject.ts'
import { PluginLog } from '../plugin-log.ts'
import { LOGGER } from '../tokens/index.ts'
import { withPart } from './claim-part.ts'
import { Notices } from './notices.ts'
import type { RecordOptions } from './options.ts'
import { RecordStatus } from './record-status.ts'
import { type Recorded, Recording } from './recording.ts'
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
  /** Streams to record whenever they are published. */
  readonly #asked = new Set<string>()
  /** Streams to record until they end, whoever takes their place meanwhile. */
  readonly #kept = new Set<string>()
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
    host.offer('record', stream => this.record(stream))
  }

  /**
   * Records a live stream from now on until it ends or the recording is ended, whatever {@link RecordOptions.when} says.
   * A publisher who takes the place of another, or comes back while the stream is kept open, is recorded as well.
   *
   * @throws UsageError `RTMP_ERR_STREAM_NOT_LIVE` when nobody publishes it, `RTMP_ERR_RECORD_RUNNING` when it is recorded
   *   already
   */
  record(stream: StreamView): StreamRecording {
    const { app, name, publisher } = stream
    const shown = `${app}/${shownName(name)}`
    if (!stream.isPublishing) throw new UsageError('RTMP_ERR_STREAM_NOT_LIVE', `nobody publishes ${shown}`)
    const key = streamKey({ app, streamName: name })
    const live = this.#live.get(key)
    const publish = live?.stream === stream && live.connection === publisher ? live : undefined
    if (this.#recordings.get(key)?.isOf({ stream, publish }))
      throw new UsageError('RTMP_ERR_RECORD_RUNNING', `${shown} is recorded already`)
    this.#kept.add(key)
    return this.#begin(key, { stream, publish })
  }

  /** Records a stream from now on, or as soon as somebody publishes it, again and again until {@link stop}. */
  start(app: string, streamName: string): void {
    const key = streamKey({ app, streamName })
    this.#asked.add(key)
    const publish = this.#live.get(key)
    if (publish !== undefined) this.#beginOnce(key, publish)
  }

  /** Ends what {@link start} began, and the present recording of the stream. Resolves when the file is complete. */
  async stop(app: string, streamName: string): Promise<void> {
    const key = streamKey({ app, streamName })
    this.#asked.delete(key)
    this.#kept.delete(key)
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
    if (this.#asked.has(key) || this.#kept.has(key) || this.#isWanted(publish)) this.#beginOnce(key, publish)
    else new RecordStatus(publish).refused()
  }

  onPublishEnd(publish: PublishInfo): void {
    const key = streamKey(publish)
    if (this.#live.get(key) === publish) this.#live.delete(key)
  }

  onStreamEnd({ app, name }: StreamView): void {
    this.#kept.delete(streamKey({ app, streamName: name }))
  }

  async onClose(): Promise<void> {
    // The streams of those who came with this recorder have ended. Others, that it was asked for, may go on.
    for (const recording of this.#recordings.values()) void recording.stop()
    await Promise.all(this.#running)
    await this.#notices.settled()
  }

  #isWanted(publish: PublishInfo): boolean {
    const { when } = this.#settings
    if (typeof when === 'function') return when(publish)
    return when === 'always' || publish.publishingType !== 'live'
  }

  #beginOnce(key: string, publish: PublishInfo): void {
    const recorded = { stream: publish.stream, publish }
    if (this.#recordings.get(key)?.isOf(recorded) !== true) this.#begin(key, recorded)
  }

  #begin(key: string, recorded: Recorded): Recording {
    const before = this.#recordings.get(key)?.done
    const ended = () => void this.#kept.delete(key)
    const recording = new Recording(recorded, this.#settings, this.#notices, before, ended)
    this.#recordings.set(key, recording)
    const running = recording.done.then(() => {
      this.#running.delete(running)
      if (this.#recordings.get(key) === recording) this.#recordings.delete(key)
    })
    this.#running.add(running)
    return recording
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
