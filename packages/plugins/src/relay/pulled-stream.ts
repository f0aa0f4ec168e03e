import type { AmfObject } from '@rtmpipe/amf'
import {
  ContinuousTime,
  type Logger,
  type PingTimes,
  type PlayStream,
  type RtmpMessage,
  shownName,
} from '@rtmpipe/session'
import { Readable } from 'readable-stream'
import type { BackoffOptions } from './backoff.ts'
import type { Destination } from './destination.ts'
import { openStream } from './open-stream.ts'
import type { RelayConnect } from './relay-connect.ts'
import { RelayLink } from './relay-link.ts'
import { RelayStatus } from './relay-status.ts'

/** Times of pings: without them, an origin that is gone looks like one where nobody publishes. */
const pings: PingTimes = { pingInterval: 30_000, pingTimeout: 60_000 }

export interface PulledStreamOptions {
  readonly connect: RelayConnect
  readonly properties: AmfObject
  readonly backoff: Partial<BackoffOptions>
  readonly log: Logger
  changed(stream: PulledStream): void
}

/**
 * A Readable of what another server plays. When the connection is lost it connects again, and time goes on; it ends
 * when that server says that the stream has ended.
 */
export class PulledStream extends Readable {
  readonly #target: { readonly app: string; readonly streamName: string }
  readonly #origin: Destination
  readonly #options: PulledStreamOptions
  readonly #link: RelayLink
  readonly #time = new ContinuousTime()
  #isOver = false
  #resume: (() => void) | undefined

  constructor(
    target: { readonly app: string; readonly streamName: string },
    origin: Destination,
    options: PulledStreamOptions,
  ) {
    super({ objectMode: true })
    const { app, streamName } = target
    this.#target = { app, streamName }
    this.#origin = origin
    this.#options = options
    this.#link = new RelayLink({
      destination: origin,
      backoff: options.backoff,
      log: options.log.child({ app, stream: shownName(streamName), origin: origin.shown }),
      isWanted: () => !this.#isOver,
      attempt: (signal, live) => this.#attempt(signal, live),
      changed: () => options.changed(this),
    })
  }

  get status(): RelayStatus {
    return new RelayStatus(this.#target, this.#origin, this.#link)
  }

  /** To be called once. */
  start(): this {
    this.#link.start()
    return this
  }

  /** Resolves when the connection is closed. */
  stop(): Promise<void> {
    this.#isOver = true
    this.#resume?.()
    return this.#link.stop()
  }

  override _read(): void {
    this.#resume?.()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    void this.stop()
    done(error)
  }

  async #attempt(signal: AbortSignal, live: () => void): Promise<void> {
    const { connect, properties } = this.#options
    const { appUrl, streamName } = this.#origin
    const { client, stream } = await openStream(connect, appUrl, { ...pings, properties }, signal, each =>
      each.play(streamName),
    )
    live()
    this.#time.break()
    const stop = () => void stream.destroy()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    try {
      await this.#receive(stream)
      // When the connection ends, its streams end too.
      if (client.state === 'closed') throw new Error('the origin has closed the connection')
      this.#isOver = true
      this.push(null)
    } finally {
      signal.removeEventListener('abort', stop)
      await client.close()
    }
  }

  async #receive(stream: PlayStream): Promise<void> {
    let isEmpty = true
    for await (const message of stream) {
      isEmpty = false
      if (this.push(this.#time.stamp(message as RtmpMessage)) || this.#isOver) continue
      await new Promise<void>(resolve => {
        this.#resume = resolve
      })
      this.#resume = undefined
    }
    // Counts as a failure, so that the next attempt waits: at once, the server would give the same answer.
    if (isEmpty) throw new Error('the origin has ended the stream before it began')
  }
}
