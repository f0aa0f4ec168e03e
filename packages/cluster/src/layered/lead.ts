import { LiveStream, type StreamKey } from '@rtmpipe/session'
import { closed } from '../closed.ts'
import type { Claim, Fabric } from '../fabric.ts'

/** What a lead is made of. */
export interface LeadOptions {
  /** The name as it is published. */
  readonly key: StreamKey
  /** The right of this worker to fetch it for all workers. */
  readonly claim: Claim
  readonly local: Pick<Fabric, 'offer'>
  readonly remote: Pick<Fabric, 'join'>
  /** Whether what comes from outside is published by another worker of this machine. */
  isPublishedHere(signal: AbortSignal): Promise<boolean>
}

/**
 * Fetches what another machine publishes under a name, once, for all workers of this one: until that publish has ended, or
 * nobody wants it.
 */
export class Lead {
  /** Of the claim. */
  readonly epoch: number
  /** The stream when there is one; undefined when it is over before. */
  readonly stream: Promise<LiveStream | undefined>
  /** Resolves when it is over, and another may lead. */
  readonly over: Promise<void>
  readonly #abort = new AbortController()
  #begin: (stream: LiveStream | undefined) => void = () => {}
  #live: LiveStream | undefined
  #users = 0

  constructor(options: LeadOptions) {
    this.epoch = options.claim.epoch
    this.stream = new Promise(resolve => (this.#begin = resolve))
    this.over = this.#run(options)
  }

  /** Somebody of this worker wants it. */
  enter(): void {
    this.#users += 1
  }

  /** And does not any more; other workers may. */
  leave(): void {
    this.#users -= 1
    this.#endIfUnused()
  }

  end(): void {
    this.#abort.abort()
  }

  async #run({ key, claim, local, remote, isPublishedHere }: LeadOptions): Promise<void> {
    const { signal } = this.#abort
    try {
      for await (const { messages } of remote.join(key, { signal })) {
        messages.on('error', () => {})
        if (signal.aborted || (await isPublishedHere(signal)) || signal.aborted) {
          messages.destroy()
          continue
        }
        const stream = new LiveStream(key.app, key.streamName, { mergeWindow: 0 })
        this.#live = stream
        stream.deserted = () => this.#endIfUnused()
        const end = stream.supply(messages)
        local.offer(claim, stream)
        this.#begin(stream)
        signal.addEventListener('abort', end, { once: true })
        await closed(messages)
        return
      }
    } finally {
      this.#begin(undefined)
      await claim.release()
    }
  }

  #endIfUnused(): void {
    if (this.#users === 0 && (this.#live?.consumerCount ?? 0) === 0) this.end()
  }
}
