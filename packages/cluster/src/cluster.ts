import {
  type ConnectionInfo,
  type Denial,
  deny,
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
 * stream. Use it after every plugin that renames streams, and in one server only: when that closes, the fabric is disposed.
 */
export function cluster(fabric: Fabric): Plugin {
  return new Cluster(fabric)
}

interface HeldClaim {
  readonly claim: Claim
  readonly connectionId: string
  isPublished: boolean
}

class Cluster implements Plugin {
  readonly name = 'cluster'
  readonly #fabric: Fabric
  /** Names claimed here, from the gate until the publish ends, or its connection if it never began. */
  readonly #claims = new Map<string, HeldClaim>()
  /** Names played here, whoever publishes them. */
  readonly #feeds = new Map<string, Feed>()

  constructor(fabric: Fabric) {
    this.#fabric = fabric
  }

  async onPublish({ app, streamName, connection, signal }: PublishEvent): Promise<Denial | undefined> {
    const key: StreamKey = { app, streamName }
    const held = this.#claims.get(keyText(key))
    // Left by a publish that was given up while the gates were asked.
    if (held?.connectionId === connection.id && !held.isPublished) return undefined
    const claim = await this.#fabric.claim(key, { signal })
    if (claim === undefined) return deny('NetStream.Publish.BadName', `${streamName} is being published already`)
    if (signal.aborted) {
      await claim.release()
      return undefined
    }
    this.#claims.set(keyText(key), { claim, connectionId: connection.id, isPublished: false })
    this.#feeds.get(keyText(key))?.yield(claim.epoch)
    return undefined
  }

  onPublishStart(info: PublishInfo): void {
    const held = this.#claims.get(keyText(info))
    if (held?.connectionId !== info.connection.id) {
      return info.end(status('NetStream.Failed', 'the stream was renamed after it was claimed'))
    }
    held.isPublished = true
    const { claim } = held
    const end = () => info.end(status('NetStream.Unpublish.Success', 'somebody else publishes now'))
    if (claim.lost.aborted) return end()
    claim.lost.addEventListener('abort', end, { once: true })
    this.#fabric.offer(claim, info.stream)
  }

  async onPublishEnd(info: PublishInfo): Promise<void> {
    const held = this.#claims.get(keyText(info))
    if (held?.connectionId === info.connection.id) await this.#release(held)
  }

  /** Goes on as long as the feed does, so that the failure of a fabric is logged as ours. */
  async onPlayStart(info: PlayInfo): Promise<void> {
    if (info.stream === undefined) return
    const key = keyText(info)
    const known = this.#feeds.get(key)
    if (known !== undefined) return known.enter(info.connection.id)
    const feed = new Feed(this.#fabric, { app: info.app, streamName: info.streamName }, info.stream)
    feed.enter(info.connection.id)
    this.#feeds.set(key, feed)
    try {
      await feed.ended
    } finally {
      this.#end(key, feed)
    }
  }

  onPlayEnd(info: PlayInfo): void {
    const feed = this.#feeds.get(keyText(info))
    if (info.stream === undefined || feed === undefined) return
    feed.leave(info.connection.id, false)
    if (feed.isIdle) this.#end(keyText(info), feed)
  }

  /** What the other notices have missed: a publish that never began, a play that ended as it began. */
  async onDisconnect({ connection }: { readonly connection: ConnectionInfo }): Promise<void> {
    for (const [key, feed] of this.#feeds) {
      feed.leave(connection.id, true)
      if (feed.isIdle) this.#end(key, feed)
    }
    const given = [...this.#claims.values()].filter(held => held.connectionId === connection.id && !held.isPublished)
    await Promise.all(given.map(held => this.#release(held)))
  }

  async onClose(): Promise<void> {
    for (const [key, feed] of this.#feeds) this.#end(key, feed)
    await this.#fabric[Symbol.asyncDispose]()
  }

  #end(key: string, feed: Feed): void {
    if (this.#feeds.get(key) === feed) this.#feeds.delete(key)
    feed.end()
  }

  async #release(held: HeldClaim): Promise<void> {
    const key = keyText(held.claim.key)
    if (this.#claims.get(key) === held) this.#claims.delete(key)
    await held.claim.release()
  }
}
