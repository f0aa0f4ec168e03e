import type { PlayInfo, StreamKey, StreamView, Subscription } from '@rtmpipe/session'
import type { Readable } from 'node:stream'
import { closed } from './closed.ts'
import type { Fabric } from './fabric.ts'

/** Publishes here, for the players of this process, what another process publishes. */
export class Feed {
  /** For whom; the feed is to be ended after the last. */
  readonly players: Set<PlayInfo> = new Set()
  /** Resolves after {@link Feed.end}; rejects when the fabric fails. */
  readonly ended: Promise<void>
  readonly #stream: StreamView
  readonly #abort = new AbortController()
  #endSupply = (): void => {}
  /** While a publish of this process is on its way out. */
  #waiting: Subscription | undefined
  #minEpoch = 0

  constructor(fabric: Fabric, key: StreamKey, stream: StreamView) {
    this.#stream = stream
    this.ended = this.#follow(fabric, key)
  }

  /** Makes way for a publisher of this process, who has the name now: what was published before `epoch` is over. */
  yield(epoch: number): void {
    this.#minEpoch = epoch
    this.#stop()
  }

  end(): void {
    this.#abort.abort()
    this.#stop()
  }

  async #follow(fabric: Fabric, key: StreamKey): Promise<void> {
    const { signal } = this.#abort
    for await (const { epoch, messages } of fabric.join(key, { signal })) {
      // Ours that has just lost the name may still be on its way out.
      while (this.#stream.isPublishing && !signal.aborted && epoch >= this.#minEpoch) await this.#publishEnd()
      if (signal.aborted || epoch < this.#minEpoch) messages.destroy()
      else await this.#supply(messages)
    }
  }

  async #supply(messages: Readable): Promise<void> {
    this.#endSupply = this.#stream.supply(messages)
    await closed(messages)
  }

  /** Resolves when the publish of this process has ended, or the feed is stopped. */
  async #publishEnd(): Promise<void> {
    this.#waiting = this.#stream.subscribe()
    this.#waiting.resume()
    await closed(this.#waiting)
    this.#waiting = undefined
  }

  #stop(): void {
    this.#waiting?.destroy()
    this.#endSupply()
  }
}
