import type { PlayInfo, PublishInfo } from '@rtmpipe/session'
import type { Action } from '../action.ts'
import type { CallbackProgress } from './callback-event.ts'
import { MessageClock } from './message-clock.ts'

/** Asks again. Resolves with false if the publish or play is to be ended. */
export type AskAgain = (info: PublishInfo | PlayInfo, progress: CallbackProgress) => Promise<boolean>

interface Running {
  readonly timer: NodeJS.Timeout
  isAsking: boolean
}

/** Asks every so often about each publish and play, one question at a time, from its start to its end. */
export class CallbackUpdates {
  readonly #interval: number
  readonly #ask: AskAgain
  readonly #running = new Map<PublishInfo | PlayInfo, Running>()
  /** Clocks of publishers, by their streams, and of players without a live stream. */
  readonly #clocks = new WeakMap<object, MessageClock>()

  /** @param interval milliseconds */
  constructor(interval: number, ask: AskAgain) {
    this.#interval = interval
    this.#ask = ask
  }

  /** To be bound to a publish, or to a play without a live stream. */
  clockOf(info: PublishInfo | PlayInfo): MessageClock {
    const clock = new MessageClock()
    this.#clocks.set(info.stream ?? info, clock)
    return clock
  }

  start(action: Action, info: PublishInfo | PlayInfo): void {
    const since = performance.now()
    const timer = setInterval(() => void this.#again(action, info, since), this.#interval).unref()
    this.#running.set(info, { timer, isAsking: false })
  }

  stop(info: PublishInfo | PlayInfo): void {
    clearInterval(this.#running.get(info)?.timer)
    this.#running.delete(info)
  }

  /** True from its start to its end. */
  isRunning(info: PublishInfo | PlayInfo): boolean {
    return this.#running.has(info)
  }

  close(): void {
    for (const info of this.#running.keys()) this.stop(info)
  }

  async #again(action: Action, info: PublishInfo | PlayInfo, since: number): Promise<void> {
    const running = this.#running.get(info)
    if (running === undefined || running.isAsking) return
    running.isAsking = true
    const elapsed = performance.now() - since
    const timestamp = this.#clocks.get(info.stream ?? info)?.timestamp ?? Math.trunc(elapsed)
    const mayGoOn = await this.#ask(info, { action, time: Math.round(elapsed / 1000), timestamp })
    running.isAsking = false
    if (!mayGoOn) this.stop(info)
  }
}
