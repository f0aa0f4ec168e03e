import { randomBytes } from 'node:crypto'
import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { isIPv4 } from 'node:net'
import type { EndpointMachine } from './contract/endpoint.ts'
import { type EndpointOptions, RtmfpEndpoint } from './endpoint.ts'
import type { Endpoint } from './wire/address.ts'

/** What the system may hold for us before we read it, in both directions; it may give less. */
const BUFFER = 4 * 1024 * 1024
/** IPv4 as an IPv6 socket has it. */
const MAPPED = '::ffff:'
/** Milliseconds that sessions have to tell their far ends that they are over. */
const LAST_WORDS = 3_000
/** The longest that Node's timers can wait. */
const LONGEST_TIMER = 2 ** 31 - 1

export interface DatagramSocketOptions extends EndpointOptions {
  /** IP address to be bound to. Default all, of IPv6 and IPv4 where the system has both. */
  readonly host?: string
  /** Default any that is free. */
  readonly port?: number
  /** Other processes may have the same port, where the system can. Default false. */
  readonly reusePort?: boolean
  /** The socket is broken: nothing comes or goes any more. Every session has ended. */
  onError?(error: Error): void
}

/** An {@link EndpointMachine} on a UDP port, with the time of this machine. */
export class DatagramSocket {
  readonly endpoint: EndpointMachine
  readonly #socket: Socket
  readonly #isIPv6: boolean
  #timer: NodeJS.Timeout | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #immediate: NodeJS.Immediate | undefined
  #isClosed = false
  /** Runs while the last sessions end. */
  #lastWords: NodeJS.Timeout | undefined

  private constructor(socket: Socket, isIPv6: boolean, options: DatagramSocketOptions) {
    this.#socket = socket
    this.#isIPv6 = isIPv6
    const host = {
      send: (datagram: Buffer, to: Endpoint): void => this.#send(datagram, to),
      randomBytes,
      deadlineChanged: (): void => this.#arm(),
    }
    this.endpoint = new RtmfpEndpoint(host, options, performance.now())
    socket.on('message', (datagram, { address, port }) => {
      this.endpoint.receive(datagram, { address: withoutMapping(address), port }, performance.now())
      this.#arm()
    })
    socket.on('error', error => {
      this.close()
      options.onError?.(error)
    })
  }

  /** @throws the system's error when the port can not be had */
  static async bind(options: DatagramSocketOptions): Promise<DatagramSocket> {
    const { host, port = 0 } = options
    if (host !== undefined) return DatagramSocket.#bind(host, port, options)
    try {
      return await DatagramSocket.#bind('::', port, options)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAFNOSUPPORT') throw error
      return DatagramSocket.#bind('0.0.0.0', port, options)
    }
  }

  static async #bind(host: string, port: number, options: DatagramSocketOptions): Promise<DatagramSocket> {
    const isIPv6 = !isIPv4(host)
    const { reusePort = false } = options
    const given: SocketOptions & { readonly reusePort: boolean } = {
      reusePort,
      type: isIPv6 ? 'udp6' : 'udp4',
      recvBufferSize: BUFFER,
      sendBufferSize: BUFFER,
      // Addresses are no names: without asking anybody, and within the same turn.
      lookup: (address, _options, done) => done(null, address, isIPv6 ? 6 : 4),
    }
    const socket = createSocket(given)
    await new Promise<void>((resolve, reject) => {
      const failed = (error: Error): void => {
        socket.close()
        reject(error)
      }
      socket.once('error', failed)
      // Exclusive: workers of node:cluster that had one socket together would read each other's packets.
      socket.bind({ port, address: host, exclusive: true }, () => {
        socket.off('error', failed)
        resolve()
      })
    })
    return new DatagramSocket(socket, isIPv6, options)
  }

  /** Where it is bound. */
  get address(): Endpoint {
    const { address, port } = this.#socket.address()
    return { address, port }
  }

  /** Milliseconds of the clock that the endpoint has. */
  get now(): number {
    return performance.now()
  }

  /** Opens no more sessions, and gives the port back when all have ended, which they have some seconds for. */
  end(): void {
    if (this.#isClosed || this.#lastWords !== undefined) return
    this.endpoint.stop()
    // Nobody waits for it: a process may end before.
    this.#lastWords = setTimeout(() => this.close(), LAST_WORDS).unref()
    this.#socket.unref()
    this.#arm()
  }

  /** Ends every session, and gives the port back. */
  close(): void {
    if (this.#isClosed) return
    clearTimeout(this.#lastWords)
    this.endpoint.destroy(performance.now())
    this.#isClosed = true
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#socket.close()
  }

  #send(datagram: Buffer, { address, port }: Endpoint): void {
    // Port 0 can be forged, but not sent to: Node throws.
    if (this.#isClosed || port === 0) return
    const isMapped = this.#isIPv6 && isIPv4(address)
    // What the system does not take is lost, as anything may be.
    this.#socket.send(datagram, port, isMapped ? MAPPED + address : address)
  }

  /** One timer for everything: none is as exact as to be worth another. */
  #arm(): void {
    if (this.#isClosed || this.#immediate !== undefined) return
    const { deadline } = this.endpoint
    // No session is left, not even one that is ending.
    if (this.#lastWords !== undefined && deadline === Number.POSITIVE_INFINITY) return this.close()
    if (deadline >= this.#timerAt) return
    const wait = deadline - performance.now()
    if (wait <= 0) {
      this.#immediate = setImmediate(() => {
        this.#immediate = undefined
        this.#tick()
      })
      return
    }
    clearTimeout(this.#timer)
    this.#timerAt = deadline
    this.#timer = setTimeout(
      () => {
        this.#timerAt = Number.POSITIVE_INFINITY
        this.#tick()
      },
      Math.min(Math.ceil(wait), LONGEST_TIMER),
    )
    if (this.#lastWords !== undefined) this.#timer.unref()
  }

  #tick(): void {
    this.endpoint.tick(performance.now())
    this.#arm()
  }
}

function withoutMapping(address: string): string {
  return address.startsWith(MAPPED) && address.includes('.') ? address.slice(MAPPED.length) : address
}
