import { type Logger, type MessageConnection, shownName, type StreamRelay, type StreamView } from '@rtmpipe/session'
import type { BackoffOptions } from './backoff.ts'
import type { Destination } from './destination.ts'
import { openStream } from './open-stream.ts'
import type { RelayConnect } from './relay-connect.ts'
import { RelayLink } from './relay-link.ts'
import type { RelayPath } from './relay-path.ts'
import { RelayStatus } from './relay-status.ts'
import { sendStream } from './send-stream.ts'
import { ShownRelay } from './shown-relay.ts'

/** What all pushes of a relay have in common. */
export interface PushContext {
  /** Name of the plugin. */
  readonly by: string
  readonly connect: RelayConnect
  readonly path: RelayPath
  readonly backoff: Partial<BackoffOptions>
  readonly log: Logger
  changed(push: Push): void
  /** Somebody ends it, see {@link StreamRelay.end}. */
  end(push: Push): void
  /** Somebody wants it to go elsewhere. @throws UsageError when it can't */
  change(push: Push, url: string): void
}

/** One stream on its way to one destination, whenever it is published. */
export class Push implements StreamRelay {
  readonly by: string
  readonly direction = 'push'
  readonly #target: { readonly app: string; readonly streamName: string }
  readonly #context: PushContext
  readonly #shown = new ShownRelay(this)
  #destination: Destination
  #link: RelayLink
  #stream: StreamView | undefined
  /** Of connections that have ended. */
  #bytes = 0
  #attempts = 0
  #connection: MessageConnection | undefined
  /** Resolves when the destinations before the present one have been told of the end. */
  #before: Promise<void> = Promise.resolve()
  #isChanging = false
  #isOver = false

  constructor(
    target: { readonly app: string; readonly streamName: string },
    destination: Destination,
    context: PushContext,
  ) {
    const { app, streamName } = target
    this.by = context.by
    this.#target = { app, streamName }
    this.#context = context
    this.#destination = destination
    this.#link = this.#linkTo(destination)
  }

  get status(): RelayStatus {
    const { state, error, failures } = this.#link
    const isComing = this.#isChanging && this.#isWanted
    return new RelayStatus(this.#target, this.#destination, { state: isComing ? 'connecting' : state, error, failures })
  }

  get url(): string {
    return this.#destination.shown
  }

  get state(): StreamRelay['state'] {
    return this.#link.shownState
  }

  get stateSince(): Date {
    return this.#link.since
  }

  get bytes(): number {
    return this.#bytes + (this.#connection?.bytesSent ?? 0)
  }

  get attempts(): number {
    return this.#attempts
  }

  get lastError(): string | undefined {
    return this.#link.lastError
  }

  /** Somebody publishes it. */
  start(stream: StreamView): void {
    this.#stream = stream
    if (!this.#isChanging) this.#link.start()
  }

  /** Its publisher has left. */
  check(): void {
    this.#link.check()
  }

  /** Stops for ever. Resolves when the far server has been told. */
  async stop(): Promise<void> {
    this.#leave()
    await Promise.all([this.#before, this.#link.stop()])
  }

  /** Its stream has ended: sends what there is of it, and stops for ever. Resolves when the far server has been told. */
  async finish(): Promise<void> {
    this.#leave()
    this.#link.check()
    await Promise.all([this.#before, this.#link.ended])
  }

  end(): void {
    this.#context.end(this)
  }

  change(url: string): void {
    this.#context.change(this, url)
  }

  /** Goes elsewhere, as soon as the present destination has been told of the end: both may be one server. */
  redirect(destination: Destination): void {
    const before = this.#link
    const link = this.#linkTo(destination)
    this.#destination = destination
    this.#link = link
    this.#isChanging = true
    this.#before = Promise.all([this.#before, before.stop()]).then(() => {
      if (this.#link !== link) return
      this.#isChanging = false
      link.start()
      // The stream has ended meanwhile, or is not published at all.
      if (link.state === 'idle') this.#changed()
    })
    this.#shown.in(this.#stream)
  }

  get #isWanted(): boolean {
    return !this.#isOver && this.#stream?.isLive === true
  }

  #leave(): void {
    this.#isOver = true
    this.#shown.in(undefined)
  }

  #linkTo(destination: Destination): RelayLink {
    const { app, streamName } = this.#target
    const { backoff, log } = this.#context
    const link: RelayLink = new RelayLink({
      destination,
      backoff,
      log: log.child({ app, stream: shownName(streamName), destination: destination.shown }),
      isWanted: () => this.#isWanted,
      attempt: (signal, live) => this.#attempt(destination, signal, live),
      changed: () => {
        if (this.#link === link) this.#changed()
      },
    })
    return link
  }

  #changed(): void {
    this.#shown.in(this.#isOver || this.#link.state === 'idle' ? undefined : this.#stream)
    this.#context.changed(this)
  }

  async #attempt({ appUrl, streamName }: Destination, signal: AbortSignal, live: () => void): Promise<void> {
    const { connect, path } = this.#context
    const source = this.#stream as StreamView
    this.#attempts += 1
    const properties = path.propertiesFor(source.publisher)
    const { client, stream } = await openStream(connect, appUrl, { properties }, signal, each =>
      each.publish(streamName),
    )
    this.#connection = client.messages
    live()
    try {
      await sendStream(source, stream, signal)
    } finally {
      await client.close()
      this.#bytes = this.bytes
      this.#connection = undefined
    }
  }
}
