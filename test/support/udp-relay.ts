import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { Random } from './random.ts'

/** What the line does to datagrams, in both directions. */
export interface LineFaults {
  /** Of a thousand, so many are lost. */
  readonly lost?: number
  /** Of a thousand, so many come later by a time between two, milliseconds. */
  readonly late?: { readonly share: number; readonly from: number; readonly to: number }
  /** How much passes towards each client; what would wait for longer than 200 ms is lost. Default: everything. */
  readonly bytesPerSecond?: number
}

/** Milliseconds. */
const LONGEST_QUEUE = 200

/** A line of UDP between clients and one server on this machine, which loses and delays as its seed says. */
export class UdpRelay implements AsyncDisposable {
  readonly #server: number
  readonly #random: Random
  readonly #near = createSocket('udp4')
  /** The end that the server sees, by the port of the client. */
  readonly #far = new Map<number, Socket>()
  readonly #timers = new Set<NodeJS.Timeout>()
  /** When the line is free again, by {@link LineFaults.bytesPerSecond}. */
  #freeAt = 0
  /** May be changed at any time. */
  faults: LineFaults
  passed = 0
  lost = 0
  late = 0

  private constructor(server: number, seed: number, faults: LineFaults) {
    this.#server = server
    this.#random = new Random(seed)
    this.faults = faults
    this.#near.on('message', (datagram, { port }) => this.#pass(() => this.#farOf(port).send(datagram, this.#server)))
  }

  /** @param server port of the server, on 127.0.0.1 */
  static async start(server: number, seed: number, faults: LineFaults = {}): Promise<UdpRelay> {
    const relay = new UdpRelay(server, seed, faults)
    relay.#near.bind(0, '127.0.0.1')
    await once(relay.#near, 'listening')
    return relay
  }

  /** Where clients come to. */
  get port(): number {
    return this.#near.address().port
  }

  /** Every client has another address from here on, as a router does to them that starts again. */
  changeAddresses(): void {
    for (const socket of this.#far.values()) socket.close()
    this.#far.clear()
  }

  #farOf(client: number): Socket {
    let socket = this.#far.get(client)
    if (socket === undefined) {
      socket = createSocket('udp4')
      socket.on('message', datagram =>
        this.#queue(datagram.length, () => this.#near.send(datagram, client, '127.0.0.1')),
      )
      socket.bind(0, '127.0.0.1')
      this.#far.set(client, socket)
    }
    return socket
  }

  /** Towards clients. */
  #queue(bytes: number, send: () => void): void {
    const { bytesPerSecond } = this.faults
    if (bytesPerSecond === undefined) return this.#pass(send)
    const now = performance.now()
    this.#freeAt = Math.max(this.#freeAt, now)
    if (this.#freeAt > now + LONGEST_QUEUE) {
      this.lost += 1
      return
    }
    this.#freeAt += (bytes / bytesPerSecond) * 1_000
    this.#later(this.#freeAt - now, () => this.#pass(send))
  }

  #pass(send: () => void): void {
    const { lost = 0, late } = this.faults
    this.passed += 1
    if (this.#random.below(1_000) < lost) {
      this.lost += 1
      return
    }
    if (late === undefined || this.#random.below(1_000) >= late.share) return send()
    this.late += 1
    this.#later(late.from + this.#random.below(late.to - late.from), send)
  }

  #later(milliseconds: number, send: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      send()
    }, milliseconds)
    this.#timers.add(timer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    this.changeAddresses()
    this.#near.close()
  }
}
