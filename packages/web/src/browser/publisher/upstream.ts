import { StatusError } from '@rtmpipe/session/client'
import type { PublishStream } from '@rtmpipe/session/client'
import { backoff } from '../player/backoff.ts'

/** Milliseconds that the line may take nothing at all before it counts as broken. */
const patience = 15_000
/** Milliseconds that a stream may take to end. */
const lastWords = 1_000

/** Refusals that pass: the server does not know yet that the connection before has ended, or it stops and starts again. */
const passing = new Set([
  'NetStream.Publish.BadName',
  'NetConnection.Connect.AppShutdown',
  'NetConnection.Connect.Closed',
])

/** A stream that a server takes, and its connection. */
export interface Opened {
  readonly stream: PublishStream
  /** Milliseconds of a round trip, if known. */
  roundTrip(): number | undefined
  /** True while the server can be reached: then it has ended the stream itself. */
  isConnected(): boolean
  /** Closes the connection. */
  close(): Promise<void>
}

/** What happens to an {@link Upstream}. */
export interface UpstreamEvents {
  /** The server takes the stream, for the first time or again. */
  up(stream: PublishStream): void
  /**
   * The connection is lost, or could not be made again.
   *
   * @param delay milliseconds to the next attempt; undefined if there is none
   */
  down(error: Error, delay: number | undefined): void
  /** The server does not want the stream: that was the end. */
  refused(error: StatusError): void
  /** The server has ended the stream. */
  ended(): void
}

/**
 * The way to the server. When the connection is lost it connects again, each time after a longer while, until it is
 * closed or refused. Has no timer of its own: {@link Upstream.beat} tells it the time.
 */
export class Upstream {
  readonly #open: () => Promise<Opened>
  readonly #events: UpstreamEvents
  readonly #isKept: boolean
  readonly #dialling = new AbortController()
  #opened: Opened | undefined
  #attempts = 0
  #retryAt = Infinity
  #fullSince: number | undefined
  #waiting = 0
  #now = 0
  #isClosed = false

  /**
   * @param open connects, until the signal says that nobody waits for it
   * @param isKept connect again when the connection is lost
   */
  constructor(open: (signal: AbortSignal) => Promise<Opened>, isKept: boolean, events: UpstreamEvents) {
    this.#open = () => open(this.#dialling.signal)
    this.#isKept = isKept
    this.#events = events
  }

  /** Where messages go; undefined while there is no connection. */
  get stream(): PublishStream | undefined {
    return this.#opened?.stream
  }

  get roundTrip(): number | undefined {
    return this.#opened?.roundTrip()
  }

  /** True while more waits for the line than it can take: messages are held only then. */
  get isFull(): boolean {
    return (this.stream?.writableLength ?? 0) > 0
  }

  /** The first connection. @throws what `open` throws, also when it is closed meanwhile */
  async start(): Promise<void> {
    this.#use(await this.#open())
  }

  /** It is so late: called a few times per second. */
  beat(now: number): void {
    this.#now = now
    this.#watch(now)
    if (now < this.#retryAt) return
    this.#retryAt = Infinity
    this.#open().then(
      opened => this.#use(opened),
      (error: Error) => this.#lost(error),
    )
  }

  /** Ends the stream as it should be, and closes the connection. */
  async close(): Promise<void> {
    this.#isClosed = true
    const opened = this.#opened
    this.#opened = undefined
    // An open connection is not cut off: it would lose what is said last.
    if (opened === undefined) return this.#dialling.abort()
    const { stream } = opened
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, lastWords)
      stream.once('close', () => {
        clearTimeout(timer)
        resolve()
      })
      if (stream.destroyed) resolve()
      else stream.end()
    })
    stream.destroy()
    await opened.close()
  }

  #use(opened: Opened): void {
    if (this.#isClosed) {
      opened.stream.destroy()
      return void opened.close()
    }
    this.#opened = opened
    this.#attempts = 0
    let failure: Error | undefined
    opened.stream.once('error', (error: Error) => (failure = error))
    opened.stream.once('close', () => {
      if (this.#opened !== opened) return
      this.#opened = undefined
      const isConnected = opened.isConnected()
      void opened.close()
      if (failure === undefined && isConnected) this.#events.ended()
      else this.#lost(failure ?? new StatusError('NetConnection.Connect.Closed', 'the connection was closed'))
    })
    this.#events.up(opened.stream)
  }

  #lost(error: Error): void {
    if (this.#isClosed) return
    if (error instanceof StatusError && !passing.has(error.statusCode)) return this.#events.refused(error)
    const delay = this.#isKept ? backoff(this.#attempts++) : undefined
    this.#retryAt = this.#now + (delay ?? Infinity)
    this.#events.down(error, delay)
  }

  /** Ends a connection that takes nothing: what waits for it would grow without end. */
  #watch(now: number): void {
    const waiting = this.stream?.writableLength ?? 0
    // Something has left whenever less is waiting than before.
    if (waiting === 0 || waiting < this.#waiting) this.#fullSince = undefined
    else this.#fullSince ??= now
    this.#waiting = waiting
    if (now - (this.#fullSince ?? now) < patience) return
    this.#fullSince = undefined
    this.stream?.destroy(new Error(`the line has taken nothing for ${patience / 1000} s`))
  }
}
