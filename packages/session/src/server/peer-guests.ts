import type { ConnectionInfo } from '../contract/connection-info.ts'
import { type Denial, deny } from '../contract/denial.ts'
import { status } from '../protocol/status.ts'

/** Milliseconds that a connection may play nothing. */
const patience = 10_000
/** Connections that play nothing, beside as many as there are seats. */
const mostIdle = 16
/** Connections of one peer that have not played yet. Our own client has one at a time. */
const mostNewOfOne = 2

interface Guest {
  plays: number
  hasPlayed: boolean
  timer: NodeJS.Timeout | undefined
}

/**
 * Connections of peers that have been let in. Those that play nothing keep nobody else out: they are ended after a while, and
 * the one that waits longest at once where there are too many.
 */
export class PeerGuests {
  readonly #guests = new Map<ConnectionInfo, Guest>()
  /** Those that play nothing, the longest first. */
  readonly #idle = new Set<ConnectionInfo>()

  /** @param seats how many may play */
  arrive(connection: ConnectionInfo, seats: number): Denial | undefined {
    const peer = peerOf(connection)
    let others = 0
    for (const [other, { hasPlayed }] of this.#guests) if (!hasPlayed && peerOf(other) === peer) others += 1
    if (others >= mostNewOfOne)
      return deny('NetConnection.Connect.Rejected', `you have ${others} connections that play nothing: play over those`)
    const most = mostIdle + seats
    const [longest] = this.#idle
    if (longest !== undefined && this.#idle.size >= most) {
      const why = `${most} connections of peers wait already: play from another peer, or from the server`
      this.leave(longest)
      longest.end(status('NetConnection.Connect.Rejected', why))
    }
    const guest = { plays: 0, hasPlayed: false, timer: undefined }
    this.#guests.set(connection, guest)
    this.#wait(connection, guest)
    return undefined
  }

  /** The connection is over. */
  leave(connection: ConnectionInfo): void {
    clearTimeout(this.#guests.get(connection)?.timer)
    this.#guests.delete(connection)
    this.#idle.delete(connection)
  }

  /** It plays something more. */
  play(connection: ConnectionInfo): void {
    const guest = this.#guests.get(connection)
    if (guest === undefined) return
    guest.plays += 1
    guest.hasPlayed = true
    clearTimeout(guest.timer)
    this.#idle.delete(connection)
  }

  /** One of its plays is over. */
  stop(connection: ConnectionInfo): void {
    const guest = this.#guests.get(connection)
    if (guest === undefined) return
    guest.plays -= 1
    if (guest.plays === 0) this.#wait(connection, guest)
  }

  #wait(connection: ConnectionInfo, guest: Guest): void {
    this.#idle.add(connection)
    guest.timer = setTimeout(() => {
      this.leave(connection)
      connection.end(status('NetConnection.Connect.IdleTimeout', `nothing was played for ${patience / 1_000} s`))
    }, patience).unref()
  }
}

/** Where the transport has no fingerprints, each connection is a peer. */
export function peerOf({ peerId, id }: ConnectionInfo): string {
  return peerId ?? id
}
