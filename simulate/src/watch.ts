import type { JoinedStream } from '@rtmpipe/cluster'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { isFrame } from './pictures.ts'
import type { SimNode, World } from './world.ts'

/** The players of one stream on one node, who share one way to it. */
export class Watch {
  readonly node: SimNode
  readonly stream: number
  readonly since: number
  /** Players. */
  players = 0
  /** When a frame came last; 0 before the first. */
  lastAt = 0
  /** Longest time between two frames, from the first on. */
  longestGap = 0
  /** Until when its own node published it. */
  ownUntil = -Infinity
  /** Until when its reader stands still, or takes what has waited for it. */
  readsLateUntil = -Infinity
  /** That it has joined last; 0 before the first. */
  epoch = 0
  readonly #world: World
  readonly #abort = new AbortController()
  readonly #joined = new Set<JoinedStream>()
  /** Bytes that came in this instant. */
  #burst = 0
  #burstAt = 0

  constructor(world: World, node: SimNode, stream: number) {
    this.#world = world
    this.node = node
    this.stream = stream
    this.since = world.network.clock.now()
    this.#follow().catch((error: unknown) => world.judge.failed(error))
  }

  end(): void {
    this.#abort.abort()
    for (const { messages } of this.#joined) messages.destroy()
  }

  /** Reads nothing for a while. */
  pause(milliseconds: number): void {
    const { clock } = this.#world.network
    const paused = [...this.#joined].filter(joined => !joined.messages.destroyed)
    for (const joined of paused) joined.messages.pause()
    this.readsLateUntil = Infinity
    // Later than it was meant to be when its node stands still.
    this.node.memory.clock.after(milliseconds, () => {
      this.readsLateUntil = clock.now() + 1_000
      for (const joined of paused) joined.messages.resume()
    })
  }

  async #follow(): Promise<void> {
    const { keys, judge, trace } = this.#world
    const key = keys[this.stream]!
    for await (const joined of this.node.fabric.join(key, { signal: this.#abort.signal })) {
      const { epoch, messages } = joined
      trace(() => `${this.node.name} joins ${key.streamName} of epoch ${epoch}`)
      judge.followed(this, this.epoch, epoch)
      this.epoch = epoch
      this.#joined.add(joined)
      messages.on('error', () => {})
      messages.on('close', () => this.#joined.delete(joined))
      messages.on('data', (message: RtmpMessage) => this.#take(message, epoch))
      if (this.#abort.signal.aborted) messages.destroy()
    }
  }

  #take(message: RtmpMessage, epoch: number): void {
    if (!isFrame(message)) return
    const now = this.#world.network.clock.now()
    if (this.lastAt !== 0) this.longestGap = Math.max(this.longestGap, now - this.lastAt)
    this.lastAt = now
    if (this.#burstAt !== now) this.#burst = 0
    this.#burstAt = now
    this.#burst += message.payload.length
    this.#world.judge.got(this, message.timestamp, epoch, this.#burst)
  }
}
