import type { Endpoint } from '../wire/address.ts'
import type { PacketFragment } from '../wire/startup-chunks.ts'

/** Bytes of a packet that comes in fragments. */
const MOST_BYTES = 65_536
/** Fragments of one packet. */
const MOST_FRAGMENTS = 64
/** Milliseconds without a new fragment, and from the first one on, after which a packet is given up. */
const PAUSE = 1_000
const LONGEST = 60_000

interface Partial {
  readonly parts: Map<number, Buffer>
  readonly beganAt: number
  heardAt: number
  bytes: number
  /** Bytes of all datagrams that it came in. */
  size: number
  last: number | undefined
}

/** A packet that has come in fragments. */
export interface WholePacket {
  readonly packet: Buffer
  /** Bytes of all datagrams that it came in. */
  readonly size: number
}

/**
 * Makes packets of their fragments (RFC 7016 §2.3.1, §3.4). Whoever sends them has not shown that its address is its own, so
 * only a few are kept: with all places taken by packets that still grow, others are dropped. Times in milliseconds.
 */
export class PacketFragments {
  readonly #most: number
  readonly #packets = new Map<string, Partial>()

  /** @param most packets that may be incomplete at a time */
  constructor(most: number) {
    this.#most = most
  }

  /** Takes a fragment, and gives the packet that it completes. @param size bytes of its datagram */
  add(fragment: PacketFragment, size: number, { address, port }: Endpoint, now: number): WholePacket | undefined {
    const { packetId, number, more, part } = fragment
    const key = `${address} ${port} ${packetId}`
    this.#forget(now)
    const packet = this.#packets.get(key) ?? this.#begin(key, now)
    if (packet === undefined) return undefined
    const isPossible = number < MOST_FRAGMENTS && packet.bytes + part.length <= MOST_BYTES
    if (!isPossible || (!more && (packet.last ?? number) !== number)) {
      this.#packets.delete(key)
      return undefined
    }
    packet.size += size
    if (!more) packet.last = number
    if (!packet.parts.has(number)) {
      packet.parts.set(number, Buffer.from(part))
      packet.bytes += part.length
      packet.heardAt = now
    }
    if (packet.last === undefined || packet.parts.size <= packet.last) return undefined
    this.#packets.delete(key)
    const parts = Array.from({ length: packet.last + 1 }, (_, index) => packet.parts.get(index))
    if (parts.includes(undefined)) return undefined
    return { packet: Buffer.concat(parts as Buffer[]), size: packet.size }
  }

  #begin(key: string, now: number): Partial | undefined {
    if (this.#packets.size >= this.#most) return undefined
    const packet = { parts: new Map<number, Buffer>(), beganAt: now, heardAt: now, bytes: 0, size: 0, last: undefined }
    this.#packets.set(key, packet)
    return packet
  }

  #forget(now: number): void {
    for (const [key, { beganAt, heardAt }] of this.#packets)
      if (now - heardAt >= PAUSE || now - beganAt >= LONGEST) this.#packets.delete(key)
  }
}
