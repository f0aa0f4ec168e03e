import type { Logger, StreamRelay } from '@rtmpipe/session'
import { Backoff, type BackoffOptions } from './backoff.ts'
import { type Destination, withoutSecrets } from './destination.ts'
import type { RelayState } from './relay-status.ts'

/** The work of a link. */
export interface RelayTask {
  readonly destination: Destination
  readonly backoff: Partial<BackoffOptions>
  readonly log: Logger
  /** Asked before each attempt. */
  isWanted(): boolean
  /**
   * Resolves when everything is done, rejects when it failed. It has to call `live` when the stream runs; an abort of
   * the signal asks for a proper end.
   */
  attempt(signal: AbortSignal, live: () => void): Promise<void>
  changed(): void
}

/** Milliseconds that a link must be live before its failures are forgotten. */
const steadyTime = 10_000

/**
 * Keeps a stream with a far server going: tries as long as it is wanted, and waits longer and longer after failures.
 */
export class RelayLink {
  readonly #task: RelayTask
  readonly #backoff: Backoff
  readonly #stop = new AbortController()
  #state: RelayState = 'idle'
  #since = new Date()
  #error: string | undefined
  #lastError: string | undefined
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

  /** The state of a relay that is shown: one that has nothing to relay is about to. */
  get shownState(): StreamRelay['state'] {
    if (this.#state === 'live') return 'running'
    return this.#state === 'waiting' ? 'waiting' : 'connecting'
  }

  /** When the state began. */
  get since(): Date {
    return this.#since
  }

  /** Why it failed last, also when it is live again. */
  get lastError(): string | undefined {
    return this.#lastError
  }

  get error(): string | undefined {
    return this.#error
  }

  get failures(): number {
    return this.#failures
  }

  /** Resolves when it does not run. */
  get ended(): Promise<void> {
    return this.#running ?? Promise.resolve()
  }

  /** Begins, unless it runs already. */
  start(): void {
    if (this.#running === undefined && this.#goesOn) this.#running = this.#run()
  }

  /** If it waits: checks again whether it is wanted. */
  check(): void {
    if (!this.#task.isWanted()) this.#wake?.()
  }

  /** Stops for ever. Resolves when it has ended. */
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
    this.#lastError = this.#error
    const delay = this.#backoff.next()
    // The error itself is not logged: it may contain the stream's name in unexpected fields.
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
    if (state !== this.#state) this.#since = new Date()
    this.#state = state
    this.#task.changed()
  }
}
