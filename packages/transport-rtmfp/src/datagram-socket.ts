import { randomBytes } from 'node:crypto'
import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { isIPv4 } from 'node:net'
import type { EndpointMachine } from './contract/endpoint.ts'
import { type EndpointOptions, type OpenedKeys, RtmfpEndpoint } from './endpoint.ts'
import type { RtmfpSessionKeys } from './key-log.ts'
import type { Endpoint } from './wire/address.ts'

/** What the system may hold for us before we read it, in both directions; it may give less. */
const BUFFER = 4 * 1024 * 1024
/** IPv4 as an IPv6 socket has it. */
const MAPPED = '::ffff:'
/** Milliseconds that sessions have to tell their far ends that they are over. */
const LAST_WORDS = 3_000
/** Milliseconds of them that somebody waits for. */
const FAREWELL = 300
/** The longest that Node's timers can wait. */
const LONGEST_TIMER = 2 ** 31 - 1

export interface DatagramSocketOptions extends Omit<EndpointOptions, 'onKeys'> {
  /** IP address to be bound to. Default all, of IPv6 and IPv4 where the system has both. */
  readonly host?: string
  /** Default any that is free. */
  readonly port?: number
  /** Other processes may have the same port, where the system can. Default false. */
  readonly reusePort?: boolean
  /** The socket is broken: nothing comes or goes any more. Every session has ended. */
  onError?(error: Error): void
  /** Told the keys of every session. */
  readonly onKeys?: ((keys: RtmfpSessionKeys) => void) | undefined
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
  #ended: Promise<void> | undefined
  #whenHeard = (): void => {}

  private constructor(socket: Socket, isIPv6: boolean, options: DatagramSocketOptions) {
    this.#socket = socket
    this.#isIPv6 = isIPv6
    const host = {
      send: (datagram: Buffer, to: Endpoint): void => this.#send(datagram, to),
      randomBytes,
      deadlineChanged: (): void => this.#arm(),
    }
    const { onKeys } = options
    const given = { ...options, onKeys: onKeys && ((opened: OpenedKeys) => onKeys(keysOf(opened, this.address))) }
    this.endpoint = new RtmfpEndpoint(host, given, performance.now())
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
    try {
      return new DatagramSocket(socket, isIPv6, options)
    } catch (error) {
      socket.close()
      throw error
    }
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

  /**
   * Opens no more sessions, and gives the port back when all have ended, which they have some seconds for. Resolves when their
   * far ends have heard of it, or have had the time to: who ends the process before leaves them waiting. Those who have ended
   * their sessions themselves know already.
   */
  end(): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    this.#ended ??= new Promise(resolve => {
      const timer = setTimeout(resolve, FAREWELL)
      this.#whenHeard = () => {
        clearTimeout(timer)
        resolve()
      }
      this.endpoint.stop()
      this.#lastWords = setTimeout(() => this.close(), LAST_WORDS).unref()
      this.#socket.unref()
      this.#tick()
    })
    return this.#ended
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
    this.#whenHeard()
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
    if (this.#lastWords !== undefined && !this.endpoint.isUnheard) this.#whenHeard()
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

function keysOf({ isInitiator, sessionId, farSessionId, remote, keys }: OpenedKeys, own: Endpoint): RtmfpSessionKeys {
  const near = { ...own, sessionId }
  const far = { ...remote, sessionId: farSessionId }
  const { sending, receiving } = keys
  return isInitiator
    ? { initiator: near, responder: far, initiatorToResponder: sending, responderToInitiator: receiving }
    : { initiator: far, responder: near, initiatorToResponder: receiving, responderToInitiator: sending }
}

function withoutMapping(address: string): string {
  return address.startsWith(MAPPED) && address.includes('.') ? address.slice(MAPPED.length) : address
}
