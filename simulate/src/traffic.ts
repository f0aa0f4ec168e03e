import type { Clock } from '@rtmpipe/cluster-nats'
import type { Meter } from '@rtmpipe/cluster-nats/memory'
import type { Publish } from './encoder.ts'
import { type Judge, unwatchedTime } from './judge.ts'
import type { Tally } from './tally.ts'

/** Counts what is sent, and sees what is sent for nobody. */
export class Traffic implements Meter {
  readonly #clock: Clock
  readonly #tally: Tally
  readonly #judge: () => Judge
  /** Viewers by sid and region, and by sid alone: how many, and when the last one left. */
  readonly #viewers = new Map<string, { count: number; leftAt: number }>()
  /** When what had been held up came last: a question of somebody who had left since may have been among it. */
  #heldUntil = -Infinity

  constructor(clock: () => Clock, tally: Tally, judge: () => Judge) {
    this.#clock = { now: () => clock().now(), after: (...how) => clock().after(...how), random: () => clock().random() }
    this.#tally = tally
    this.#judge = judge
  }

  came(sid: string, region: string): void {
    for (const key of [sid, sid + region]) this.#of(key).count += 1
  }

  left(sid: string, region: string): void {
    for (const key of [sid, sid + region]) {
      const viewers = this.#of(key)
      viewers.count -= 1
      viewers.leftAt = this.#clock.now()
    }
  }

  /** What was held up on the way comes now. */
  letGo(): void {
    this.#heldUntil = this.#clock.now()
  }

  /** A question to the directory, and the answer. */
  asked(): void {
    this.#tally.control += 2
  }

  sent(subject: string, bytes: number, from: string, to: readonly string[]): void {
    const kind = subject[4]
    const isMedia = kind === 'm' || kind === 'g' || (kind === 'r' && bytes > 200)
    if (!isMedia) {
      this.#tally.control += 1
      return
    }
    for (const region of to) {
      if (region === from) continue
      const link = `${from}>${region}`
      this.#tally.links[link] = (this.#tally.links[link] ?? 0) + bytes
    }
    if (kind === 'm') this.#check(subject, from, to)
  }

  /** Notes whether a stream that is published now has been without viewers for long, in all or in a region. */
  look(sid: string, owner: Publish, regions: readonly string[]): void {
    const judge = this.#judge()
    // What has just begun has had no time to send anything.
    if (this.#clock.now() - owner.since < unwatchedTime) return
    if (this.#isUnwatched(sid)) judge.tries('unwatched')
    for (const region of regions)
      if (region !== owner.node.region && this.#isUnwatched(sid + region)) judge.tries('gateway')
  }

  #check(subject: string, from: string, to: readonly string[]): void {
    const sid = subject.slice(6, 28)
    const judge = this.#judge()
    if (this.#isUnwatched(sid)) judge.violate('unwatched', `${subject} is sent, and nobody watches`)
    for (const region of to) {
      if (region === from) continue
      if (this.#isUnwatched(sid + region))
        judge.violate('gateway', `${subject} crosses into ${region}, where nobody watches`)
    }
  }

  #isUnwatched(key: string): boolean {
    const { count, leftAt } = this.#of(key)
    return count === 0 && this.#clock.now() - Math.max(leftAt, this.#heldUntil) > unwatchedTime
  }

  #of(key: string): { count: number; leftAt: number } {
    let viewers = this.#viewers.get(key)
    if (viewers === undefined) this.#viewers.set(key, (viewers = { count: 0, leftAt: 0 }))
    return viewers
  }
}
