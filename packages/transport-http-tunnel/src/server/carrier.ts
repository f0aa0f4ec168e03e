import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { replyMemory } from './reply-memory.ts'

/** More than the head of an answer takes. */
const HEAD_LENGTH = 512

const carriers = new WeakMap<Socket, Carrier>()

/** What is known of a connection. */
export function carrierOf(socket: Socket): Carrier {
  let carrier = carriers.get(socket)
  if (carrier === undefined) carriers.set(socket, (carrier = new Carrier(socket)))
  return carrier
}

/** A TCP connection that carries requests, and the answers on it that have not left yet. */
export class Carrier {
  readonly socket: Socket
  #unsent = 0
  #waiting = new Set<() => void>()
  #paused = false
  #draining = false

  constructor(socket: Socket) {
    this.socket = socket
  }

  /**
   * How long an answer may be; 0 or less while its client does not read those before. A TLS connection must never be
   * more than full: Node would pause its HTTP parser and then fail on a body that has a TLS record of its own, which is
   * how FFmpeg sends it.
   */
  get room(): number {
    const room = this.socket.writableHighWaterMark - Math.max(this.#unsent, this.socket.writableLength) - HEAD_LENGTH
    if ((this.socket as Partial<TLSSocket>).encrypted) return room
    // The sockets of fastify's inject() have no buffer to speak of.
    return room <= 0 ? room : Infinity
  }

  /** Calls `wake` when answers have left. */
  whenRoom(wake: () => void): void {
    this.#waiting.add(wake)
  }

  /** No more requests are to be read. */
  get isPaused(): boolean {
    return this.#paused
  }

  /** Reads no more requests. */
  pause(): void {
    this.#paused = true
    this.socket.pause()
  }

  /** Reads on. With answers waiting to leave Node may have paused the socket too, and must be the first to go on. */
  resume(): void {
    this.#paused = false
    if (!this.socket.writableNeedDrain) {
      this.socket.resume()
      return
    }
    if (this.#draining) return
    this.#draining = true
    this.socket.once('drain', () => {
      this.#draining = false
      if (!this.#paused) this.socket.resume()
    })
  }

  /** An answer waits for the rest of its request, and counts as one that has not left yet. */
  hold(body: Uint8Array): void {
    this.#unsent += HEAD_LENGTH + body.length
  }

  /** It does not wait any more. */
  letGo(body: Uint8Array): void {
    this.#unsent -= HEAD_LENGTH + body.length
  }

  /** Sends a body; the response waits for its turn on the connection if others are before it. */
  end(response: ServerResponse, body: Uint8Array): void {
    this.hold(body)
    response.end(body, () => {
      this.letGo(body)
      this.#left()
    })
  }

  /** Sends bytes, whose turn it is, and gives their memory back when they have gone. */
  write(bytes: Uint8Array): void {
    this.socket.write(bytes, error => {
      // Of a connection that broke nobody knows what the system still reads.
      if (!error) replyMemory.giveBack(bytes)
      this.#left()
    })
  }

  readonly #left = (): void => {
    if (this.#waiting.size === 0) return
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const wake of waiting) wake()
  }
}
