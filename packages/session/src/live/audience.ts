import type { StreamConsumer } from './stream-consumer.ts'

/** The viewers of a stream, and what they were handed: counted when one comes or goes, not for each message. */
export class Audience {
  #viewers = 0
  /** Viewers that do not pause. */
  #takers = 0
  /** Bytes that viewers were handed, until so many had been published; the number of viewers has not changed since. */
  #sent = 0
  #sentUntil = 0

  get viewers(): number {
    return this.#viewers
  }

  /** Bytes that viewers were handed so far. @param published bytes of the present publish */
  sent(published: number): number {
    return this.#sent + (published - this.#sentUntil) * this.#takers
  }

  /** A publish begins, whose bytes are counted from 0. @param published bytes of the one before */
  restart(published: number): void {
    this.#sent = this.sent(published)
    this.#sentUntil = 0
  }

  /** A viewer comes or goes. @param published bytes of the present publish */
  change(viewer: StreamConsumer, change: 1 | -1, published: number): void {
    this.#sent = this.sent(published)
    this.#sentUntil = published
    if (isTaker(viewer)) this.#takers += change
    this.#viewers += change
  }

  /** A viewer is handed what was published before it came. Others, and those who pause, do not count. */
  hand(consumer: StreamConsumer, bytes: number): void {
    if (isTaker(consumer)) this.#sent += bytes
  }
}

/** True for a viewer that is sent what is published. */
function isTaker({ isViewer = true, isPausing = false }: StreamConsumer): boolean {
  return isViewer && !isPausing
}
