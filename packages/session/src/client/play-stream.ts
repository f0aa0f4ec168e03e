import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { userControl } from '@rtmpipe/chunk-stream'
import { Readable } from 'readable-stream'
import { ClientStream } from './client-stream.ts'
import type { RtmpClient } from './rtmp-client.ts'

export interface PlayOptions {
  /** Milliseconds to start at; default: whatever is there, live first. */
  readonly start?: number
  /** Milliseconds to play; default all. */
  readonly duration?: number
  /** Milliseconds of media the server may send ahead of time; default 3,000. */
  readonly bufferLength?: number
  /** Stay when the publisher leaves and go on with the next; default false. */
  readonly follow?: boolean
}

/** A Readable of the messages of a stream: metadata, audio and video. Its backpressure reaches the server. */
export class PlayStream extends Readable {
  readonly control: ClientStream
  readonly streamName: string
  readonly #client: RtmpClient
  readonly #id: number
  readonly #options: PlayOptions
  #resume: (() => void) | undefined
  #finished = false

  constructor(client: RtmpClient, id: number, streamName: string, options: PlayOptions) {
    super({ objectMode: true, highWaterMark: 64 })
    this.#client = client
    this.#id = id
    this.streamName = streamName
    this.#options = options
    const events = {
      message: (message: RtmpMessage) => this.#take(message),
      ended: () => this.finish(),
      failed: (error: Error) => void this.destroy(error),
    }
    this.control = new ClientStream(events, options.follow !== true)
  }

  /** For {@link RtmpClient.play}. */
  start(): Promise<void> {
    const { start = -2, duration = -1, bufferLength = 3_000 } = this.#options
    const started = this.control.start('play')
    this.#client.sendCommand(this.#id, 'play', null, this.streamName, start, duration, true)
    this.#client.messages.send(userControl({ type: 'SetBufferLength', messageStreamId: this.#id, bufferLength }))
    return started
  }

  /** Takes no more messages: the Readable ends after what it has. */
  finish(): void {
    if (this.#finished || this.destroyed) return
    this.#finished = true
    this.push(null)
    this.#client.deleteStream(this.#id)
    this.#resume?.()
  }

  override _read(): void {
    this.#resume?.()
    this.#resume = undefined
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#resume?.()
    this.#client.deleteStream(this.#id)
    done(error)
  }

  #take(message: RtmpMessage): void | Promise<void> {
    if (this.destroyed || this.#finished || this.push(message)) return
    return new Promise(resolve => {
      this.#resume = resolve
    })
  }
}
