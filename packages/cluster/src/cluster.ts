import { RtmpError } from '@rtmpipe/chunk-stream'
import {
  type Context,
  type Denial,
  deny,
  type Host,
  type LastAct,
  type Logger,
  type PlayInfo,
  type Plugin,
  type PublishEvent,
  type PublishInfo,
  status,
  type StreamKey,
  streamKey,
  type Undo,
} from '@rtmpipe/session'
import type { Claim, Fabric } from './fabric.ts'
import { Feed } from './feed.ts'

/**
 * Makes the streams of several processes one set: a name has one publisher among all of them, and any player sees any
 * stream. Use it after a plugin that ends a publisher to free its name, and in one server only: when that closes, the
 * fabric is disposed.
 */
export function cluster(fabric: Fabric): Plugin {
  return new Cluster(fabric)
}

interface HeldClaim {
  readonly claim: Claim
  /** Of the publish it is for. */
  readonly context: Context
  /** Undefined until it has begun. */
  publish: PublishInfo | undefined
}

class Cluster implements Plugin {
  readonly name = 'cluster'
  readonly #fabric: Fabric
  /** Names claimed here, from before the publish begins until it has ended, or has been given up. */
  readonly #claims = new Map<string, HeldClaim>()
  /** Names played here, whoever publishes them. */
  readonly #feeds = new Map<string, Feed>()
  /** Another plugin may end what begins as soon as it is told, and we be told of the end first. */
  readonly #ended = new WeakSet<PlayInfo | PublishInfo>()
  #log: Logger | undefined

  constructor(fabric: Fabric) {
    this.#fabric = fabric
  }

  get hookTimeout(): number {
    return this.#fabric.claimTimeout ?? 0
  }

  setup({ log }: Host): void {
    this.#log = log
    this.#fabric.logTo?.(log)
  }

  /** The last to act: the name may be ours until another plugin has ended its publisher here. */
  onPublishAccepted(): LastAct<PublishEvent> {
    return { whenAgreed: event => this.#claim(event) }
  }

  async onPublishStart(info: PublishInfo): Promise<void> {
    const held = this.#claims.get(streamKey(info))
    if (held?.context !== info.context)
      return info.end(status('NetStream.Failed', 'this publish has not claimed its name'))
    if (this.#ended.has(info)) return this.#release(held)
    held.publish = info
    const { lost } = held.claim
    const end = () => info.end(status('NetStream.Unpublish.Success', 'somebody else publishes now'))
    if (lost.aborted) return end()
    lost.addEventListener('abort', end, { once: true })
    this.#fabric.offer(held.claim, info.stream, () => makesWay(info))
  }

  async onPublishEnd(info: PublishInfo): Promise<void> {
    this.#ended.add(info)
    const held = this.#claims.get(streamKey(info))
    if (held?.publish === info) await this.#release(held)
  }

  /** Goes on as long as the feed does, so that the failure of a fabric is logged as ours. */
  async onPlayStart(info: PlayInfo): Promise<void> {
    const { app, streamName, stream } = info
    if (stream === undefined || this.#ended.has(info)) return
    const key = streamKey(info)
    const known = this.#feeds.get(key)
    const feed = known ?? new Feed(this.#fabric, { app, streamName }, stream)
    feed.players.add(info)
    if (known !== undefined) return
    this.#feeds.set(key, feed)
    try {
      await feed.ended
    } finally {
      this.#end(key, feed)
    }
  }

  onPlayEnd(info: PlayInfo): void {
    this.#ended.add(info)
    const feed = this.#feeds.get(streamKey(info))
    if (feed?.players.delete(info) && feed.players.size === 0) this.#end(streamKey(info), feed)
  }

  async onClose(): Promise<void> {
    for (const [key, feed] of this.#feeds) this.#end(key, feed)
    await this.#fabric[Symbol.asyncDispose]()
  }

  #end(key: string, feed: Feed): void {
    if (this.#feeds.get(key) === feed) this.#feeds.delete(key)
    feed.end()
  }

  async #claim({ app, streamName, context, signal }: PublishEvent): Promise<Denial | Undo> {
    const key: StreamKey = { app, streamName }
    let claim: Claim | undefined
    try {
      claim = await this.#fabric.claim(key, { signal })
    } catch (error) {
      // What the network does is nobody's bug: the log says what to do about it, and the client may try again.
      if (!(error instanceof RtmpError)) throw error
      const { code, cause, message } = error
      this.#log?.error({ code, ...(cause instanceof Error && { why: cause.message }) }, message)
      return deny('NetStream.Failed', 'nothing can be published at the moment')
    }
    if (claim === undefined) return deny('NetStream.Publish.BadName', `${streamName} is being published already`)
    const held: HeldClaim = { claim, context, publish: undefined }
    this.#claims.set(streamKey(key), held)
    if (!signal.aborted) this.#feeds.get(streamKey(key))?.yield(claim.epoch)
    return () => this.#release(held)
  }

  async #release(held: HeldClaim): Promise<void> {
    const key = streamKey(held.claim.key)
    if (this.#claims.get(key) === held) this.#claims.delete(key)
    await held.claim.release()
  }
}

/**
 * As within a server: one that has fallen silent makes way for a newcomer, who may publish as far as its server knows.
 * Its connection ends too, on which nothing has come: an encoder that is still there would send to nobody.
 */
function makesWay(info: PublishInfo): boolean {
  if (!info.isSilent) return false
  info.end(status('NetStream.Publish.BadName', 'another publisher has taken over'))
  info.connection.end()
  return true
}
