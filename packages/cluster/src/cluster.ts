import {
  type Denial,
  deny,
  type EndReason,
  type PlayInfo,
  type Plugin,
  type PublishEvent,
  type PublishInfo,
  status,
} from '@rtmpipe/session'
import { type Claim, type Fabric, keyText, type StreamKey } from './fabric.ts'
import { Feed } from './feed.ts'

/**
 * Makes the streams of several processes one set: a name has one publisher among all of them, and any player sees any
 * stream. Use it after every plugin that renames streams.
 */
export function cluster(fabric: Fabric): Plugin {
  return new Cluster(fabric)
}

class Cluster implements Plugin {
  readonly name = 'cluster'
  readonly #fabric: Fabric
  /** Names claimed here, from the gate until the publish ends or its connection does. */
  readonly #claims = new Map<string, Claim>()
  /** Streams of other processes that are played here. */
  readonly #feeds = new Map<string, Feed>()

  constructor(fabric: Fabric) {
    this.#fabric = fabric
  }

  async onPublish({ app, streamName, connection, signal }: PublishEvent): Promise<Denial | undefined> {
    const key: StreamKey = { app, streamName }
    const claim = await this.#fabric.claim(key, { signal })
    if (claim === undefined) return deny('NetStream.Publish.BadName', `${streamName} is being published already`)
    if (connection.signal.aborted) {
      await claim.release()
      return undefined
    }
    this.#claims.set(keyText(key), claim)
    connection.signal.addEventListener('abort', () => void this.#release(claim), { once: true })
    this.#feeds.get(keyText(key))?.yield()
    return undefined
  }

  onPublishStart(info: PublishInfo): void {
    const claim = this.#claims.get(keyText(info))
    if (claim === undefined) return info.end(status('NetStream.Failed', 'the stream was renamed after it was claimed'))
    claim.lost.addEventListener('abort', () =>
      info.end(status('NetStream.Unpublish.Success', 'somebody else publishes now')),
    )
    this.#fabric.offer(claim, info.stream)
  }

  async onPublishEnd(info: PublishInfo & EndReason): Promise<void> {
    const claim = this.#claims.get(keyText(info))
    if (claim !== undefined) await this.#release(claim)
  }

  onPlayStart(info: PlayInfo): void {
    if (info.stream === undefined || this.#feeds.has(keyText(info))) return
    const key: StreamKey = { app: info.app, streamName: info.streamName }
    this.#feeds.set(keyText(key), new Feed(this.#fabric, key, info.stream))
  }

  onPlayEnd(info: PlayInfo & EndReason): void {
    if (info.stream === undefined || info.stream.consumerCount > 0) return
    this.#feeds.get(keyText(info))?.end()
    this.#feeds.delete(keyText(info))
  }

  async onClose(): Promise<void> {
    for (const feed of this.#feeds.values()) feed.end()
    await this.#fabric[Symbol.asyncDispose]()
  }

  async #release(claim: Claim): Promise<void> {
    if (this.#claims.get(keyText(claim.key)) === claim) this.#claims.delete(keyText(claim.key))
    await claim.release()
  }
}
