import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Claim, JoinedStream } from '@rtmpipe/cluster'
import { LiveStream, type StreamKey } from '@rtmpipe/session'
import { samples } from '@rtmpipe/testing'
import { BusFabric, type BusFabricOptions } from '../../src/bus-fabric.ts'
import { MemoryNetwork } from '../../src/memory/memory-network.ts'
import type { MemoryNode } from '../../src/memory/memory-node.ts'

export const key: StreamKey = { app: 'live', streamName: 'name' }

/** Nodes with fabrics in a network with a time of its own. */
export class BusCluster {
  readonly network: MemoryNetwork

  /** @param eventsPerTurn see the network's option */
  constructor(eventsPerTurn = 1) {
    this.network = new MemoryNetwork({ eventsPerTurn })
  }

  node(name: string): MemoryNode {
    return this.network.node(name)
  }

  fabric(name: string, options: Partial<BusFabricOptions> = {}): BusFabric {
    const { carrier, stores, clock } = this.node(name)
    return new BusFabric({ node: name, carrier, stores, clock, secret: 'test', ...options })
  }

  async publish(fabric: BusFabric): Promise<RunningPublish> {
    const claim = await this.network.settle(fabric.claim(key))
    if (claim === undefined) throw new Error('the name is taken')
    return new RunningPublish(this.network, fabric, claim)
  }
}

/** Publishes a message every 10 ms, with its number as its time: every hundredth is a keyframe, half of the others sound. */
export class RunningPublish {
  readonly claim: Claim
  readonly stream: LiveStream = new LiveStream(key.app, key.streamName, { mergeWindow: 0 })
  /** When each was written. */
  readonly writtenAt: number[] = []
  readonly #network: MemoryNetwork
  #isOver = false

  constructor(network: MemoryNetwork, fabric: BusFabric, claim: Claim) {
    this.#network = network
    this.claim = claim
    this.stream.startPublish()
    this.stream.write(samples.videoHeader())
    fabric.offer(claim, this.stream)
    this.#next()
  }

  async end(): Promise<void> {
    this.#isOver = true
    this.stream.endPublish()
    await this.claim.release()
  }

  #next(): void {
    if (this.#isOver) return
    const time = this.writtenAt.length
    this.writtenAt.push(this.#network.clock.now())
    if (time % 100 === 0) this.stream.write(samples.keyframe(time))
    else this.stream.write(time % 2 === 0 ? samples.interframe(time) : samples.audio(time))
    this.#network.clock.after(10, () => this.#next())
  }
}

/** Follows the name, and reads all of it at once. */
export class RunningJoin {
  readonly streams: JoinedStream[] = []
  /** Of all streams, and when it came. */
  readonly received: { readonly message: RtmpMessage; readonly at: number }[] = []
  readonly ends: (Error | 'end')[] = []
  /** Rejects when the join fails. */
  readonly over: Promise<void>
  readonly #network: MemoryNetwork
  readonly #abort = new AbortController()

  constructor(network: MemoryNetwork, fabric: BusFabric) {
    this.#network = network
    this.over = this.#read(fabric)
  }

  /** Times of the frames. */
  get times(): number[] {
    return this.received.slice(1).map(({ message }) => message.timestamp)
  }

  leave(): void {
    this.#abort.abort()
    for (const { messages } of this.streams) messages.destroy()
  }

  async #read(fabric: BusFabric): Promise<void> {
    for await (const stream of fabric.join(key, { signal: this.#abort.signal })) {
      this.streams.push(stream)
      stream.messages.on('error', error => this.ends.push(error))
      stream.messages.on('end', () => this.ends.push('end'))
      stream.messages.on('data', (message: RtmpMessage) =>
        this.received.push({ message, at: this.#network.clock.now() }),
      )
      if (this.#abort.signal.aborted) stream.messages.destroy()
    }
  }
}
