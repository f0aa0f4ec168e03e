import type { AmfObject } from '@rtmpipe/amf'
import {
  ContinuousTime,
  type Logger,
  type MessageConnection,
  type PingTimes,
  type PlayStream,
  type RtmpMessage,
  shownName,
  type StreamView,
} from '@rtmpipe/session'
import { Readable } from 'readable-stream'
import type { BackoffOptions } from './backoff.ts'
import type { Destination } from './destination.ts'
import { openStream } from './open-stream.ts'
import { PulledRelay } from './pulled-relay.ts'
import type { RelayConnect } from './relay-connect.ts'
import { RelayLink } from './relay-link.ts'
import { RelayStatus } from './relay-status.ts'
import { ShownRelay } from './shown-relay.ts'

/** Times of pings: without them, an origin that is gone looks like one where nobody publishes. */
const pings: PingTimes = { pingInterval: 30_000, pingTimeout: 60_000 }

export interface PulledStreamOptions {
  /** Name of the plugin. */
  readonly by: string
  readonly connect: RelayConnect
  readonly properties: AmfObject
  readonly backoff: Partial<BackoffOptions>
  readonly log: Logger
  changed(stream: PulledStream): void
  /** The stream that is fed by it, if it is known. */
  fed(): StreamView | undefined
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
  readonly #shown: ShownRelay
  #isOver = false
  /** Of connections that have ended. */
  #bytes = 0
  #attempts = 0
  #connection: MessageConnection | undefined
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
      changed: () => this.#changed(),
    })
    this.#shown = new ShownRelay(new PulledRelay(options.by, origin.shown, this, this.#link))
  }

  /** Received so far, by all connections together. */
  get bytes(): number {
    return this.#bytes + (this.#connection?.bytesReceived ?? 0)
  }

  /** To connect. */
  get attempts(): number {
    return this.#attempts
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
    this.#shown.in(undefined)
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

  #changed(): void {
    this.#shown.in(this.#isOver || this.#link.state === 'idle' ? undefined : this.#options.fed())
    this.#options.changed(this)
  }

  async #attempt(signal: AbortSignal, live: () => void): Promise<void> {
    const { connect, properties } = this.#options
    const { appUrl, streamName } = this.#origin
    this.#attempts += 1
    const { client, stream } = await openStream(connect, appUrl, { ...pings, properties }, signal, each =>
      each.play(streamName),
    )
    this.#connection = client.messages
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
      this.#bytes = this.bytes
      this.#connection = undefined
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
