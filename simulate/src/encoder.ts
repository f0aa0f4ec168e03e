import type { Claim } from '@rtmpipe/cluster'
import { Pictures } from './pictures.ts'
import { Synthetic } from './synthetic.ts'
import type { SimNode, World } from './world.ts'

/** A publish while it lasts. */
export interface Publish {
  readonly stream: number
  readonly node: SimNode
  readonly claim: Claim
  readonly since: number
  /** Of each keyframe so far. */
  readonly keyTimes: number[]
}

/** Bytes of a picture of a usual stream, and of one of 25 Mbit/s at {@link heavyRate}. */
const usualLength = 100
const heavyLength = 75_000
const heavyRate = 40

/** Publishes one name, on whatever node, and comes back on another one some seconds after each end. */
export class Encoder {
  readonly stream: number
  readonly #world: World
  readonly #pictures: Pictures
  readonly #period: number
  readonly #gop: number
  #node: SimNode | undefined
  /** Grows with each attempt: what is left of an earlier one does nothing more. */
  #attempt = 0

  constructor(world: World, stream: number) {
    this.#world = world
    this.stream = stream
    const isHeavy = world.isHeavy && stream === 0
    const rate = isHeavy ? heavyRate : world.rate
    this.#pictures = new Pictures(isHeavy ? heavyLength : usualLength)
    this.#period = 1_000 / rate
    this.#gop = rate
  }

  /** Where it is connected. */
  get node(): SimNode | undefined {
    return this.#node
  }

  start(): void {
    const node = this.#world.anyNode()
    this.#attempt += 1
    this.#node = node
    void this.#try(node, this.#attempt)
  }

  /** Its connection is over; it comes back after 2 to 5 s. */
  leave(): void {
    this.#attempt += 1
    this.#node = undefined
    const { network, random } = this.#world
    network.clock.after(random.between(2_000, 5_000), () => this.start())
  }

  async #try(node: SimNode, attempt: number): Promise<void> {
    const { judge, keys, network } = this.#world
    const key = keys[this.stream]!
    try {
      const claim = await node.fabric.claim(key)
      if (node.memory.isDead) return
      if (claim === undefined || attempt !== this.#attempt) {
        void claim?.release()
        if (attempt === this.#attempt) this.leave()
        return
      }
      const since = network.clock.now()
      const publish: Publish = { stream: this.stream, node, claim, since, keyTimes: [] }
      this.#run(publish, attempt)
    } catch (error) {
      if ((error as { code?: string }).code !== 'RTMP_ERR_DIRECTORY_DOWN') judge.failed(error)
      if (attempt === this.#attempt) this.leave()
    }
  }

  #run(publish: Publish, attempt: number): void {
    const { judge, keys, network, trace } = this.#world
    const { node, claim } = publish
    const { streamName } = keys[this.stream]!
    const live = new Synthetic(this.#pictures.header())
    trace(() => `${node.name} publishes ${streamName} in epoch ${claim.epoch}`)
    judge.began(publish)
    let isOver = false
    const end = (): void => {
      if (isOver) return
      isOver = true
      trace(() => `${node.name} ends ${streamName} of epoch ${claim.epoch}`)
      live.end()
      judge.ended(publish)
      void claim.release()
      if (attempt === this.#attempt) this.leave()
    }
    claim.lost.addEventListener('abort', end, { once: true })
    let count = 0
    const next = (): void => {
      if (isOver) return
      // The connection has ended; who stood still sees it late.
      if (attempt !== this.#attempt) return end()
      const now = Math.floor(network.clock.now())
      if (count % this.#gop === 0) {
        publish.keyTimes.push(now)
        live.write(this.#pictures.keyframe(now), true)
      } else live.write(count % 2 === 0 ? this.#pictures.audio(now) : this.#pictures.interframe(now), false)
      count += 1
      node.memory.clock.after(this.#period, next)
    }
    node.fabric.offer(claim, live.view)
    next()
  }
}
