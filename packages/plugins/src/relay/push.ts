import { type Logger, type PublishInfo, shownName } from '@rtmpipe/session'
import type { BackoffOptions } from './backoff.ts'
import type { Destination } from './destination.ts'
import { openStream } from './open-stream.ts'
import type { RelayConnect } from './relay-connect.ts'
import { RelayLink } from './relay-link.ts'
import type { RelayPath } from './relay-path.ts'
import { RelayStatus } from './relay-status.ts'
import { sendStream } from './send-stream.ts'

/** Settings that all pushes of a relay have in common. */
export interface PushContext {
  readonly connect: RelayConnect
  readonly path: RelayPath
  readonly backoff: Partial<BackoffOptions>
  readonly log: Logger
  changed(push: Push): void
}

/** One stream on its way to one destination, whenever it is published. */
export class Push {
  readonly #target: { readonly app: string; readonly streamName: string }
  readonly #destination: Destination
  readonly #context: PushContext
  readonly #link: RelayLink
  #info: PublishInfo | undefined

  constructor(
    target: { readonly app: string; readonly streamName: string },
    destination: Destination,
    context: PushContext,
  ) {
    const { app, streamName } = target
    this.#target = { app, streamName }
    this.#destination = destination
    this.#context = context
    this.#link = new RelayLink({
      destination,
      backoff: context.backoff,
      log: context.log.child({ app, stream: shownName(streamName), destination: destination.shown }),
      isWanted: () => this.#info?.stream.isLive === true,
      attempt: (signal, live) => this.#attempt(signal, live),
      changed: () => context.changed(this),
    })
  }

  get status(): RelayStatus {
    return new RelayStatus(this.#target, this.#destination, this.#link)
  }

  /** It is published. */
  start(info: PublishInfo): void {
    this.#info = info
    this.#link.start()
  }

  /** Its publisher has left. */
  check(): void {
    this.#link.check()
  }

  /** Stops for ever. Resolves when the far server has been told. */
  stop(): Promise<void> {
    return this.#link.stop()
  }

  async #attempt(signal: AbortSignal, live: () => void): Promise<void> {
    const { connect, path } = this.#context
    const { connection, stream: liveStream } = this.#info as PublishInfo
    const { appUrl, streamName } = this.#destination
    const properties = path.propertiesFor(connection)
    const { client, stream } = await openStream(connect, appUrl, { properties }, signal, each =>
      each.publish(streamName),
    )
    live()
    try {
      await sendStream(liveStream, stream, signal)
    } finally {
      await client.close()
    }
  }
}
