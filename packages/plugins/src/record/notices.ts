import { type Awaitable, type Logger, shownName } from '@rtmpipe/session'
import type { RecordedFile, RecordFailure, RecordOptions, RepairedFile } from './options.ts'

type Callbacks = Pick<RecordOptions, 'onRecorded' | 'onRepaired' | 'onRecordError'>

/** Tells the log and the callbacks what became of files. Only the end of the server waits for callbacks. */
export class Notices {
  readonly #callbacks: Callbacks
  readonly #log: Logger
  readonly #running = new Set<Promise<void>>()

  constructor(callbacks: Callbacks, log: Logger) {
    this.#callbacks = callbacks
    this.#log = log
  }

  recorded(file: RecordedFile): void {
    const { app, streamName, duration, bytes, dropped } = file
    const stream = shownName(streamName)
    const fields = { app, stream, file: file.file, duration, bytes, ...(dropped > 0 && { dropped }) }
    this.#log.info(fields, 'recorded')
    this.#tell('onRecorded', () => this.#callbacks.onRecorded?.(file))
  }

  repaired(file: RepairedFile): void {
    this.#log.warn({ ...file }, 'an unfinished recording was repaired')
    this.#tell('onRepaired', () => this.#callbacks.onRepaired?.(file))
  }

  failed(failure: RecordFailure): void {
    const { error, app, streamName, file } = failure
    const stream = shownName(streamName)
    this.#log.error({ app, stream, ...(file !== undefined && { file }), err: error }, 'recording failed')
    this.#tell('onRecordError', () => this.#callbacks.onRecordError?.(failure))
  }

  /** Resolves when every callback is done. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  #tell(callback: string, call: () => Awaitable<void>): void {
    const running = Promise.resolve()
      .then(call)
      .catch((err: Error) => this.#log.error({ callback, err }, 'a callback of the recorder failed'))
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }
}
