import { type Denial, deny } from '../contract/denial.ts'

/** Plays of one stream by one peer: whoever starts again may be faster than the end of what it has left. */
const mostPlaysOfOne = 4

/** Which peers play each stream, and how many may. A peer has one seat at a stream, however often it plays it. */
export class PeerSeats {
  readonly #most = new Map<string, number>()
  /** Plays of each peer, by streams. */
  readonly #taken = new Map<string, Map<string, number>>()
  #whenClosed: (() => void) | undefined

  /** All that may play, of all streams. */
  get total(): number {
    let total = 0
    for (const most of this.#most.values()) total += most
    return total
  }

  has(streamName: string): boolean {
    return this.#most.has(streamName)
  }

  open(streamName: string, most: number): void {
    this.#most.set(streamName, most)
  }

  close(streamName: string): void {
    this.#most.delete(streamName)
    if (this.#most.size === 0) this.#whenClosed?.()
  }

  /** Resolves when nothing is published. */
  closed(): Promise<void> {
    return new Promise(resolve => {
      if (this.#most.size === 0) resolve()
      this.#whenClosed = resolve
    })
  }

  /** For one play of a peer; a refusal when there is no seat left. */
  take(streamName: string, peer: string): Denial | undefined {
    const most = this.#most.get(streamName) ?? 0
    const players = this.#taken.get(streamName) ?? new Map<string, number>()
    const plays = players.get(peer) ?? 0
    if (plays >= mostPlaysOfOne)
      return deny('NetStream.Play.Failed', `you play it ${plays} times already: use what one of those receives`)
    if (plays === 0 && players.size >= most)
      return deny('NetStream.Play.Failed', `${most} peers play it already: play from another peer, or from the server`)
    this.#taken.set(streamName, players.set(peer, plays + 1))
    return undefined
  }

  /** One play is over. */
  leave(streamName: string, peer: string): void {
    const players = this.#taken.get(streamName)
    const plays = players?.get(peer) ?? 0
    if (plays > 1) players?.set(peer, plays - 1)
    else players?.delete(peer)
    if (players?.size === 0) this.#taken.delete(streamName)
  }
}
