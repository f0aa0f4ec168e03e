import type { PublishInfo } from '@rtmpipe/session'

/** The name of a stream that is published, or whose publisher is expected back. Players are not told meanwhile. */
export class Seat {
  readonly #release: () => void
  #holder: PublishInfo
  #isTaken = true
  #timer: NodeJS.Timeout | undefined
  #whenLeft: (() => void)[] = []

  constructor(holder: PublishInfo) {
    this.#holder = holder
    this.#release = holder.stream.keepOpen()
  }

  /** The present publisher, or the last one. */
  get holder(): PublishInfo {
    return this.#holder
  }

  get isTaken(): boolean {
    return this.#isTaken
  }

  take(holder: PublishInfo): void {
    clearTimeout(this.#timer)
    this.#holder = holder
    this.#isTaken = true
  }

  /** The holder has left: calls `over` unless another comes within `grace` milliseconds. */
  leave(grace: number, over: () => void): void {
    this.#isTaken = false
    for (const left of this.#whenLeft.splice(0)) left()
    if (grace > 0) this.#timer = setTimeout(over, grace)
    else over()
  }

  /** Resolves when the holder has left. */
  left(): Promise<void> {
    if (!this.#isTaken) return Promise.resolve()
    return new Promise(resolve => this.#whenLeft.push(resolve))
  }

  /** Players are told of the end, if there has been one. */
  close(): void {
    clearTimeout(this.#timer)
    this.#release()
  }
}
