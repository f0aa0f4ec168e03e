import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isFrame } from '@rtmpipe/flv'
import { pipeline, Writable } from 'readable-stream'
import type { Duplex, Readable } from 'node:stream'
import { status } from '../../protocol/status.ts'
import { shownName } from '../../protocol/shown-name.ts'
import type { PrivateSource } from '../../contract/source.ts'
import type { NetConnection } from '../net-connection.ts'
import { DurationLimit } from './duration-limit.ts'
import type { NetStream } from '../net-stream.ts'
import { discard, Playback, type PlayRequest } from './playback.ts'
import { Pacer } from './pacer.ts'
import { discardSource } from '../../hooks/discard.ts'
import { PluginError } from '../../contract/errors.ts'
import { failed, firstFailure, guarded, isMessage } from '../../hooks/pipeline.ts'
import { sendKept } from '../../peer/send-paced.ts'
import { WantedMedia } from './wanted-media.ts'

/** A player with a source of its own, such as a file: paced by time, held by the player's backpressure. */
export class PrivatePlayback extends Playback {
  readonly #source: PrivateSource
  readonly #pacer: Pacer
  readonly #limit: DurationLimit | undefined
  readonly #wanted = new WantedMedia()
  /** True from a seek until the first message from the new position. */
  #isStale = false
  #discontinuities = 0

  constructor(netStream: NetStream, connection: NetConnection, request: PlayRequest, source: PrivateSource) {
    super(netStream, connection, request)
    this.#source = source
    this.#pacer = new Pacer(() => netStream.bufferLength)
    this.#limit = request.duration === undefined ? undefined : new DurationLimit(request.duration)
  }

  get stream(): undefined {
    return undefined
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
    const before = this.#discontinuities
    const position = await this.#source.seek?.(timestamp)
    if (position === undefined || this.#discontinuities > before) return position
    this.#isStale = true
    this.#pacer.restart()
    return position
  }

  protected open(): void {
    const transforms = this.connection.hooks.bind('bindPlay', this)
    if (this.stopped) return discard(transforms)
    const sink = new Writable({
      objectMode: true,
      highWaterMark: 1,
      write: (message: RtmpMessage, _encoding, done) => {
        if (!isMessage(message))
          return done(failed(transforms.at(-1), new TypeError(`put out ${typeof message}, not a message`)))
        if (message.discontinuity === true) this.#startAnew()
        if (this.#isStale) return done()
        if (this.#limit?.isOver(message) === true) {
          done()
          return this.complete()
        }
        this.#pacer
          .wait(message.timestamp, isFrame(message))
          .then(() => this.#send(message, done))
          .catch(done)
      },
    })
    const stages = [this.#source.messages, ...transforms.map(guarded), sink] as unknown as [Readable, ...Duplex[]]
    const failure = firstFailure(stages)
    const ended = (error?: Error | null) => this.#ended(error && (failure() ?? error))
    pipeline(stages as unknown as Parameters<typeof pipeline>[0] & Readable[], ended)
  }

  protected close(): void {
    this.#pacer.stop()
    discardSource(this.#source.messages)
  }

  #startAnew(): void {
    this.#isStale = false
    this.#discontinuities += 1
    this.#pacer.restart()
    this.#limit?.restart()
  }

  #send(message: RtmpMessage, done: () => void): void {
    if (this.stopped || this.#isStale || !this.#wanted.includes(message)) return done()
    sendKept(this.connection.output, { ...message, messageStreamId: this.messageStreamId }, done)
  }

  #ended(error?: Error | null): void {
    if (this.stopped) return
    if (error instanceof PluginError) {
      this.connection.log.error({ stream: shownName(this.streamName), err: error }, 'a bindPlay stage failed')
      return this.end(status('NetStream.Play.Failed', 'internal error'))
    }
    if (
      error &&
      error.name !== 'AbortError' &&
      (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE'
    ) {
      this.connection.log.warn({ stream: shownName(this.streamName), err: error }, 'the source failed')
      return this.end(status('NetStream.Play.Failed', 'the source failed'))
    }
    this.complete()
  }
}
