import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { pipeline, Writable } from 'readable-stream'
import type { Duplex, Readable } from 'node:stream'
import { status } from '../status.ts'
import type { PrivateSource } from '../source.ts'
import type { NetConnection } from './net-connection.ts'
import type { NetStream } from './net-stream.ts'
import { isKind, Playback, type PlayRequest } from './playback.ts'
import { Pacer } from '../pacer.ts'

/** Above this the source waits for the player. Well above the high-water mark of any byte stream, so that it drains. */
const maxQueuedBytes = 128 * 1024

/** A player with a source of its own, such as a file: paced by time, held by the player's backpressure. */
export class PrivatePlayback extends Playback {
  readonly #source: PrivateSource
  readonly #pacer: Pacer
  readonly #wanted = { audio: true, video: true }

  constructor(netStream: NetStream, connection: NetConnection, request: PlayRequest, source: PrivateSource) {
    super(netStream, connection, request)
    this.#source = source
    this.#pacer = new Pacer(() => netStream.bufferLength)
  }

  get dropped(): number {
    return 0
  }

  receive(kind: 'audio' | 'video', wanted: boolean): void {
    this.#wanted[kind] = wanted
  }

  pause(paused: boolean): void {
    this.#pacer.pause(paused)
  }

  async seek(timestamp: number): Promise<number | undefined> {
    const position = await this.#source.seek?.(timestamp)
    if (position !== undefined) this.#pacer.restart()
    return position
  }

  protected open(): void {
    const transforms = this.connection.context.hooks.bind('bindPlay', this)
    const sink = new Writable({
      objectMode: true,
      highWaterMark: 1,
      write: (message: RtmpMessage, _encoding, done) => {
        void this.#pacer.wait(message.timestamp).then(() => this.#send(message, done))
      },
    })
    const stages = [this.#source.messages, ...transforms, sink] as unknown as [Readable, ...Duplex[]]
    pipeline(stages as unknown as Parameters<typeof pipeline>[0] & Readable[], error => this.#ended(error))
  }

  protected close(): void {
    this.#pacer.stop()
    this.#source.messages.destroy()
  }

  #send(message: RtmpMessage, done: () => void): void {
    const { messages, signal } = this.connection
    const isWanted = (this.#wanted.audio || !isKind(message, 'audio')) && (this.#wanted.video || !isKind(message, 'video'))
    if (signal.aborted || !isWanted) return done()
    this.sendMedia(message)
    if (messages.queuedBytes <= maxQueuedBytes) return done()
    const resume = () => {
      messages.off('drain', resume)
      messages.off('close', resume)
      done()
    }
    messages.once('drain', resume)
    messages.once('close', resume)
  }

  #ended(error?: Error | null): void {
    if (error && error.name !== 'AbortError' && (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') {
      this.connection.log.warn({ stream: this.streamName, err: error }, 'the source failed')
      return this.end(status('NetStream.Play.Failed', 'the source failed'))
    }
    this.sendStreamEof()
    this.end(status('NetStream.Play.Stop', `${this.streamName} has ended`))
  }
}
