import { type RtmpMessage, userControl } from '@rtmpipe/chunk-stream'
import { Readable } from 'readable-stream'
import { commandMessage } from '../protocol/command.ts'
import { StatusError } from '../contract/errors.ts'
import type { ClientConnection } from './client-connection.ts'
import { ClientStream, type StreamControlEvent } from './client-stream.ts'

/** What to play of a stream, and how. */
export interface PlayOptions {
  /** Milliseconds to start a recording at; `live` is a live stream alone. Default: live, else a recording. */
  readonly start?: number | 'live'
  /** Milliseconds to play, 0 for one frame; default all. */
  readonly duration?: number
  /** Milliseconds of media the server may send ahead of time; default 3,000. */
  readonly bufferLength?: number
  /**
   * Stay when the publisher leaves and go on with the next; default false: the stream ends then, unless the server has just
   * asked us to connect again elsewhere, where the publisher may have gone before us.
   */
  readonly follow?: boolean
  /**
   * Play what another client of the server publishes to its peers, by that client's `nearId`: media comes directly from it.
   * Only over RTMFP. Default: play from the server.
   */
  readonly peer?: string
}

/** What is played next: the {@link PlayOptions} that concern one stream. */
export type PlayNext = Pick<PlayOptions, 'start' | 'duration'>

/**
 * A Readable of the messages of a stream: metadata, audio and video. Its backpressure reaches the server.
 * `'userControl'` gives the server's User Control events about the stream as a {@link StreamControlEvent}: it begins,
 * ends, is dry, is recorded. `'status'` gives the server's `onStatus` as a {@link StreamStatus}.
 */
export class PlayStream extends Readable {
  /** The name that was asked for, query included. */
  readonly streamName: string
  readonly #options: PlayOptions
  #connection: ClientConnection | undefined
  #control: ClientStream | undefined
  #id = 0
  #resume: (() => void) | undefined
  #finished = false
  #isRecorded = false
  #isInterrupted = false
  /** The publisher has left, maybe to where we are about to go. */
  #isUnpublished = false
  #lastTimestamp: number | undefined
  /** Time of the recording, in milliseconds, at which our timestamps are 0: the last requested start, until a seek. */
  #origin = 0
  /** Where `duration` counts from, in the same. */
  #durationOrigin = 0

  constructor(streamName: string, options: PlayOptions) {
    super({ objectMode: true, highWaterMark: 64 })
    this.streamName = streamName
    this.#options = options
  }

  /** True if the server says that this is a recording and not live. */
  get isRecorded(): boolean {
    return this.#isRecorded
  }

  /** For {@link RtmpClient.play}. */
  async startOn(connection: ClientConnection): Promise<void> {
    const id = await connection.createStream()
    const control = new ClientStream(
      {
        message: message => this.#take(message),
        told: event => this.#told(event),
        status: status => void this.emit('status', status),
        ended: () => this.finish(),
        unpublished: () => this.#unpublished(connection),
        failed: error => void this.destroy(error),
      },
      connection.callTimeout,
    )
    const { bufferLength = 3_000 } = this.#options
    const from = this.#isInterrupted ? this.#position : this.#options.start
    if (typeof from === 'number') this.#origin = from
    if (!this.#isInterrupted) this.#durationOrigin = this.#origin
    const duration = this.#remaining
    this.#lastTimestamp = undefined
    this.#isUnpublished = false
    await connection.start(id, control, () => {
      ;[this.#connection, this.#control, this.#id] = [connection, control, id]
      const started = control.start('play')
      this.#play(
        this.streamName,
        { ...(from !== undefined && { start: from }), ...(duration !== undefined && { duration }) },
        true,
      )
      this.setBufferLength(bufferLength)
      return started
    })
    if (this.destroyed || this.#finished) connection.deleteStream(id)
  }

  /**
   * Plays again after a reconnect; the first message is marked as a discontinuity. A recording goes on about where it
   * was: servers begin at a keyframe before the requested time, and call that 0.
   */
  async startAgainOn(connection: ClientConnection): Promise<void> {
    this.#isInterrupted = true
    try {
      await this.startOn(connection)
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  /** The connection is not left after all. */
  stay(): void {
    if (this.#isUnpublished) this.finish()
  }

  /** The connection is left. */
  leave(): void {
    this.#control?.retire(new StatusError('NetConnection.Connect.Closed', 'the client connects again'))
    this.#control = this.#connection = undefined
    this.#continue()
  }

  /** Tells the server how many milliseconds of media it may send ahead of time from here on. */
  setBufferLength(bufferLength: number): void {
    this.#connection?.messages.send(userControl({ type: 'SetBufferLength', messageStreamId: this.#id, bufferLength }))
  }

  /**
   * Asks the server to pause or to go on (RTMP 1.0 §7.2.2.8). Resolves when the server confirms it.
   *
   * @throws StatusError when it closes first, LimitError `RTMP_ERR_CALL_TIMEOUT` when it does not answer in time
   */
  pausePlay(paused: boolean): Promise<void> {
    const [code, failures] = paused
      ? ['NetStream.Pause.Notify', ['NetStream.Pause.Failed']]
      : ['NetStream.Unpause.Notify', ['NetStream.Unpause.Failed']]
    return this.#ask(code as string, failures as string[], 'pause', paused, this.#lastTimestamp ?? 0)
  }

  /**
   * Goes to the keyframe at or before `timestamp`, milliseconds (RTMP 1.0 §7.2.2.7).
   *
   * @throws StatusError when the server can't, LimitError `RTMP_ERR_CALL_TIMEOUT` when it does not answer in time; it
   *   goes on where it is then
   */
  async seek(timestamp: number): Promise<void> {
    const failures = ['NetStream.Seek.Failed', 'NetStream.Seek.InvalidTime']
    await this.#ask('NetStream.Seek.Notify', failures, 'seek', timestamp)
    // From here on, time is that of the recording.
    this.#origin = 0
    this.#lastTimestamp = this.#durationOrigin = timestamp
  }

  /** Whether audio is wanted (RTMP 1.0 §7.2.2.4). */
  receiveAudio(wanted: boolean): void {
    this.#command('receiveAudio', wanted)
  }

  /** Whether video is wanted (RTMP 1.0 §7.2.2.5). */
  receiveVideo(wanted: boolean): void {
    this.#command('receiveVideo', wanted)
  }

  /** Plays another stream when this one has come to its end (`play` with `reset` false, RTMP 1.0 §7.2.2.1). */
  append(streamName: string, options: PlayNext = {}): void {
    this.#play(streamName, options, false)
  }

  /**
   * Goes over to another stream without a stop (`play2`, RTMP 1.0 §7.2.2.2).
   *
   * @throws StatusError `NetStream.Play.Failed` when the server can't, LimitError `RTMP_ERR_CALL_TIMEOUT` when it does not
   *   answer in time; what was played goes on then. Any other StatusError is a refusal, which ends the stream
   */
  switchTo(streamName: string, options: PlayNext = {}): Promise<void> {
    const [start, len] = wireTimes(options)
    const parameters = { streamName, oldStreamName: this.streamName, start, len, offset: -1, transition: 'switch' }
    return this.#ask('NetStream.Play.Transition', ['NetStream.Play.Failed'], 'play2', parameters)
  }

  /** Takes no more messages: the Readable ends after what it has. */
  finish(): void {
    if (this.#finished || this.destroyed) return
    this.#finished = true
    this.push(null)
    this.#connection?.deleteStream(this.#id)
    this.#continue()
  }

  /** The messages, for `for await`; leaving the loop destroys the stream. */
  override [Symbol.asyncIterator](): NodeJS.AsyncIterator<RtmpMessage> {
    return super[Symbol.asyncIterator]()
  }

  override _read(): void {
    this.#continue()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#control?.retire(error ?? new StatusError('NetConnection.Connect.Closed', 'the stream was closed'))
    this.#continue()
    this.#connection?.deleteStream(this.#id)
    done(error)
  }

  /** Where a recording is to go on; what is live has no such place. */
  get #position(): number | 'live' | undefined {
    const { start } = this.#options
    if (typeof start !== 'number' && !this.#isRecorded) return start
    return this.#origin + (this.#lastTimestamp ?? 0)
  }

  /** Milliseconds to play from {@link PlayStream.#origin} on. */
  get #remaining(): number | undefined {
    const { duration } = this.#options
    return duration === undefined ? undefined : Math.max(duration - (this.#origin - this.#durationOrigin), 0)
  }

  #play(streamName: string, options: PlayNext, reset: boolean): void {
    const [start, duration] = wireTimes(options)
    this.#connection?.send(commandMessage(this.#id, 'play', 0, null, streamName, start, duration, reset))
  }

  #command(name: string, value: boolean): void {
    this.#connection?.send(commandMessage(this.#id, name, 0, null, value))
  }

  async #ask(
    code: string,
    failures: readonly string[],
    name: string,
    ...values: Parameters<typeof commandMessage>[3][]
  ): Promise<void> {
    if (this.#control === undefined || this.destroyed) {
      throw new StatusError('NetConnection.Connect.Closed', 'the stream is closed')
    }
    const answered = this.#control.awaitStatus(name, code, failures)
    this.#connection?.send(commandMessage(this.#id, name, 0, null, ...values))
    await answered
  }

  #told(event: StreamControlEvent): void {
    if (event.type === 'StreamIsRecorded') this.#isRecorded = true
    this.emit('userControl', event)
  }

  #unpublished({ isBeingLeft }: ClientConnection): void {
    if (this.#options.follow === true) return
    this.#isUnpublished = isBeingLeft
    if (!isBeingLeft) this.finish()
  }

  #take(message: RtmpMessage): void | Promise<void> {
    if (this.destroyed || this.#finished) return
    this.#lastTimestamp = message.timestamp
    const marked = this.#isInterrupted ? { ...message, discontinuity: true } : message
    this.#isInterrupted = false
    if (this.push(marked)) return
    return new Promise(resolve => {
      this.#resume = resolve
    })
  }

  #continue(): void {
    this.#resume?.()
    this.#resume = undefined
  }
}

/** Start and duration as servers expect them: milliseconds, -1 and -2 for what is no time. */
function wireTimes({ start = -2, duration = -1 }: PlayNext): [start: number, duration: number] {
  return [start === 'live' ? -1 : start, duration]
}
