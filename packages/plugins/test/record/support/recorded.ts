import { once } from 'node:events'
import type { LiveStream, Plugin, PublishInfo, PublishStream, PublishingType, RtmpMessage } from '@rtmpipe/session'
import { TestServer } from '@rtmpipe/testing'
import type { Recorded } from '../../../src/record/recording.ts'
import {
  record,
  type RecordedFile,
  type Recorder,
  type RecordFailure,
  type RecordOptions,
} from '../../../src/record/index.ts'

/** A server in memory with a recorder, and what the recorder tells. */
export class RecordingServer implements AsyncDisposable {
  readonly files: RecordedFile[] = []
  readonly failures: RecordFailure[] = []
  readonly recorder: Recorder
  readonly server: TestServer
  #onNotice = (): void => {}
  #published = 0
  #ended = 0

  constructor(options: RecordOptions) {
    this.recorder = record({
      ...options,
      onRecorded: file => {
        this.files.push(file)
        this.#onNotice()
      },
      onRecordError: failure => {
        this.failures.push(failure)
        this.#onNotice()
      },
    })
    const count: Plugin = {
      name: 'count',
      onPublishEnd: () => {
        this.#ended += 1
        this.#onNotice()
      },
    }
    this.server = new TestServer({ plugins: [this.recorder, count] })
  }

  /** Resolves when so many files are complete. */
  async recorded(count: number): Promise<readonly RecordedFile[]> {
    await this.#until(() => this.files.length >= count)
    return this.files
  }

  /** All that was published, once the server has ended. */
  async complete(): Promise<readonly RecordedFile[]> {
    await this.#until(() => this.#ended >= this.#published)
    await this.server.server.close()
    return this.files
  }

  async failed(count: number): Promise<readonly RecordFailure[]> {
    await this.#until(() => this.failures.length >= count)
    return this.failures
  }

  /** Publishes the messages and ends. */
  async publish(path: string, messages: readonly RtmpMessage[], type?: 'record' | 'append'): Promise<void> {
    this.#published += 1
    const publisher = await this.server.publish(path, type === undefined ? {} : { type })
    await send(publisher, messages)
    publisher.end()
    await once(publisher, 'close')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>(resolve => (this.#onNotice = resolve))
  }
}

/** Resolves when the connection has taken them. */
export async function send(publisher: PublishStream, messages: readonly RtmpMessage[]): Promise<void> {
  for (const message of messages) if (!publisher.write(message)) await once(publisher, 'drain')
}

/** What a recording needs, of a publish without a client. */
export function recordedOf(stream: LiveStream): Recorded {
  return { stream, publish: publishOf(stream) }
}

/** A publish without a client. */
export function publishOf(stream: LiveStream, publishingType: PublishingType = 'live'): PublishInfo {
  const { app, name: streamName } = stream
  const info = { app, streamName, publishingType, stream, query: new URLSearchParams(), end() {} }
  return info as Partial<PublishInfo> as PublishInfo
}
