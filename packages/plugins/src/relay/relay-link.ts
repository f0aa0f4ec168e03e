import type { Logger } from '@rtmpipe/session'
import { Backoff, type BackoffOptions } from './backoff.ts'
import { type Destination, withoutSecrets } from './destination.ts'
import type { RelayState } from './relay-status.ts'

/** What a link is to do. */
export interface RelayTask {
  readonly destination: Destination
  readonly backoff: Partial<BackoffOptions>
  readonly log: Logger
  /** Asked before each attempt. */
  isWanted(): boolean
  /**
   * Resolves when all has been done, rejects when it went wrong. `live` is to be called when it goes on; an abort of the
   * signal asks for a proper end.
   */
  attempt(signal: AbortSignal, live: () => void): Promise<void>
  changed(): void
}

/** Who was live for less is not trusted to stay. Milliseconds. */
const steadyTime = 10_000

/** Keeps something going with a far server: tries as long as it is wanted, and waits longer and longer after failures. */
export class RelayLink {
  readonly #task: RelayTask
  readonly #backoff: Backoff
  readonly #stop = new AbortController()
  #state: RelayState = 'idle'
  #error: string | undefined
  #failures = 0
  #liveSince: number | undefined
  #running: Promise<void> | undefined
  #wake: (() => void) | undefined

  constructor(task: RelayTask) {
    this.#task = task
    this.#backoff = new Backoff(task.backoff)
  }

  get state(): RelayState {
    return this.#state
  }

  get error(): string | undefined {
    return this.#error
  }

  get failures(): number {
    return this.#failures
  }

  /** Begins unless it goes on already. */
  start(): void {
    if (this.#running === undefined && this.#goesOn) this.#running = this.#run()
  }

  /** Looks again whether it is wanted, if it waits. */
  check(): void {
    if (!this.#task.isWanted()) this.#wake?.()
  }

  /** For good. Resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#wake?.()
    await this.#running
  }

  get #goesOn(): boolean {
    return !this.#stop.signal.aborted && this.#task.isWanted()
  }

  async #run(): Promise<void> {
    while (this.#goesOn) {
      this.#change('connecting')
      try {
        await this.#task.attempt(this.#stop.signal, () => this.#live())
        this.#liveSince = undefined
      } catch (error) {
        if (!this.#goesOn) break
        await this.#pause(this.#failed(error))
      }
    }
    this.#running = undefined
    this.#change('idle')
  }

  #live(): void {
    this.#liveSince = performance.now()
    this.#error = undefined
    this.#failures = 0
    this.#task.log.info({}, 'relay is live')
    this.#change('live')
  }

  /** @returns milliseconds to wait */
  #failed(error: unknown): number {
    if (this.#liveSince !== undefined && performance.now() - this.#liveSince >= steadyTime) this.#backoff.reset()
    this.#liveSince = undefined
    this.#failures += 1
    this.#error = withoutSecrets(error instanceof Error ? error.message : String(error), this.#task.destination)
    const delay = this.#backoff.next()
    // The error itself may name the stream in places that nobody looks at.
    this.#task.log.warn({ error: this.#error, delay }, 'relay failed and waits')
    this.#change('waiting')
    return delay
  }

  #pause(delay: number): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(wake, delay)
      this.#wake = wake
      if (!this.#goesOn) wake()
    })
  }

  #change(state: RelayState): void {
    this.#state = state
    this.#task.changed()
  }
}
