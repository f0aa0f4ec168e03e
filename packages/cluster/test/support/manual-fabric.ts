import { PassThrough, type Readable } from 'readable-stream'
import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Claim, Fabric, JoinedStream } from '@rtmpipe/cluster'
import type { StreamKey } from '@rtmpipe/session'
import type { LiveStream } from '@rtmpipe/session'

/** A fabric that does what a test says, when it says it. */
export class ManualFabric implements Fabric {
  readonly offered: LiveStream[] = []
  readonly released: number[] = []
  /** Claims asked for. */
  claims = 0
  /** Names followed now. */
  joins = 0
  disposed = 0
  /** Answers claims; by default they are all granted. */
  onClaim: () => Promise<boolean> = async () => true
  readonly #lost = new Map<number, AbortController>()
  readonly #joined: JoinedStream[] = []
  #failure: Error | undefined
  readonly #sleepers = new Set<() => void>()
  #epoch = 0

  async claim(key: StreamKey): Promise<Claim | undefined> {
    this.claims += 1
    if (!(await this.onClaim())) return undefined
    const epoch = this.nextEpoch()
    const lost = new AbortController()
    this.#lost.set(epoch, lost)
    return { key, epoch, lost: lost.signal, release: async () => void this.released.push(epoch) }
  }

  offer(_claim: Claim, stream: LiveStream): void {
    this.offered.push(stream)
  }

  async *join(_key: StreamKey, { signal }: { readonly signal: AbortSignal }): AsyncIterable<JoinedStream> {
    this.joins += 1
    signal.addEventListener('abort', () => this.#wake(), { once: true })
    try {
      while (!signal.aborted) {
        if (this.#failure !== undefined) throw this.#failure
        const next = this.#joined.shift()
        if (next !== undefined) yield next
        else await new Promise<void>(resolve => this.#sleepers.add(resolve))
      }
    } finally {
      this.joins -= 1
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed += 1
  }

  nextEpoch(): number {
    this.#epoch += 1
    return this.#epoch
  }

  /** Somebody elsewhere publishes: write what into the stream. */
  publishElsewhere(epoch: number = this.nextEpoch()): PassThrough {
    const messages = new PassThrough({ objectMode: true })
    this.#joined.push({ epoch, messages: messages as Readable })
    this.#wake()
    return messages
  }

  /** Somebody elsewhere takes the name. */
  lose(epoch: number): void {
    this.#lost.get(epoch)?.abort()
  }

  fail(error: Error | undefined): void {
    this.#failure = error
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#sleepers) wake()
    this.#sleepers.clear()
  }
}

export function write(messages: PassThrough, ...written: readonly RtmpMessage[]): void {
  for (const message of written) messages.write(message)
}
