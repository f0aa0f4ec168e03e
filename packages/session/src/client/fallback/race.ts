import { LimitError } from '@rtmpipe/chunk-stream'
import type { ConnectAttempt } from '../../contract/connect-attempt.ts'

/** One that has begun. */
interface Runner {
  readonly url: string
  readonly begunAt: number
  readonly attempt: AbortController
  /** True once it has led to something or failed. */
  isOver: boolean
  error?: Error
}

/** What a {@link Race} is made of. */
export interface RaceOptions<Way, Result> {
  /** In the order in which they begin. */
  readonly ways: readonly Way[]
  /** How a way is named in {@link Race.attempts}. */
  name(way: Way): string
  /** Begins one; it is to end soon when the signal is aborted. The winner's is never aborted. */
  begin(way: Way, signal: AbortSignal): Promise<Result>
  /** Takes what comes when the race is over. */
  discard(late: Result): void
  /** Milliseconds from the begin of one to that of the next, unless it fails before. */
  readonly stagger: number
}

/** Attempts that begin one after the other until one of them succeeds, as "happy eyeballs" (RFC 8305) does it. */
export class Race<Way, Result> {
  readonly #options: RaceOptions<Way, Result>
  readonly #runners: Runner[] = []
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  constructor(options: RaceOptions<Way, Result>) {
    this.#options = options
  }

  /** What has begun, in order; complete when the race is over. */
  get attempts(): ConnectAttempt[] {
    return this.#runners.map(({ url, error }) => ({ url, ...(error !== undefined && { error }) }))
  }

  /**
   * Resolves with what the first to succeed gives, when all others have been told to end.
   *
   * @returns undefined when all have failed
   * @throws the reason of `signal` when that is aborted
   */
  async run(signal: AbortSignal): Promise<Result | undefined> {
    signal.throwIfAborted()
    let giveUp = () => {}
    try {
      return await new Promise((resolve, reject) => {
        giveUp = () => reject(signal.reason)
        signal.addEventListener('abort', giveUp, { once: true })
        this.#next(resolve)
      })
    } finally {
      signal.removeEventListener('abort', giveUp)
      this.#end()
    }
  }

  #next(resolve: (result: Result | undefined) => void): void {
    clearTimeout(this.#timer)
    const { ways, stagger } = this.#options
    const index = this.#runners.length
    const way = ways[index]
    if (way === undefined) return
    const runner = this.#start(way)
    if (index + 1 < ways.length) this.#timer = setTimeout(() => this.#next(resolve), stagger)
    this.#options.begin(way, runner.attempt.signal).then(
      result => {
        if (this.#isOver) return this.#options.discard(result)
        runner.isOver = true
        // Not later: another one that succeeds in this turn has to find the race over.
        this.#end()
        resolve(result)
      },
      (error: Error) => {
        if (this.#isOver) return
        runner.isOver = true
        runner.error = error
        if (runner === this.#runners.at(-1)) this.#next(resolve)
        if (this.#runners.every(({ isOver }) => isOver)) resolve(undefined)
      },
    )
  }

  #start(way: Way): Runner {
    const runner = {
      url: this.#options.name(way),
      begunAt: performance.now(),
      attempt: new AbortController(),
      isOver: false,
    }
    this.#runners.push(runner)
    return runner
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    const now = performance.now()
    for (const runner of this.#runners.filter(({ isOver }) => !isOver)) {
      const milliseconds = Math.round(now - runner.begunAt)
      runner.error = new LimitError('RTMP_ERR_NO_ANSWER', `no answer in ${milliseconds} ms`)
      runner.attempt.abort(runner.error)
    }
  }
}
