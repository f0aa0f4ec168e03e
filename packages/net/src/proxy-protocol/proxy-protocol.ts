import type { Socket } from 'node:net'
import { Networks } from '../trust/networks.ts'
import { TrustError } from '../trust/trust-error.ts'
import { HeaderParser, type ProxyHeader } from './header-parser.ts'
import { ProxyProtocolError } from './proxy-protocol-error.ts'
import { type Remote, remoteOf, setRemote } from './remote.ts'

/** Told once: why the connection was refused, if it was, and who is at the other end. */
export type Arrived = (error: Error | undefined, remote: Remote) => void

/** What connections may cost that are without their header. */
export interface ProxyProtocolLimits {
  /** Milliseconds for the header. Default 5,000. */
  readonly timeout?: number | undefined
  /** Connections without their header; for one more the oldest is given up. Default 1,000. */
  readonly maxWaiting?: number | undefined
}

/**
 * Takes connections from proxies that begin them with a header of the PROXY protocol, version 1 or 2 (haproxy's
 * `send-proxy` and `send-proxy-v2`, nginx's `proxy_protocol on`, stunnel's `protocol = proxy`).
 */
export class ProxyProtocol {
  readonly #networks: Networks
  readonly #timeout: number
  readonly #maxWaiting: number
  /** Oldest first. */
  readonly #waiting = new Map<Socket, (error: Error) => void>()
  #isClosed = false

  /**
   * @param networks of the proxies, as {@link Networks} takes them: from there the header is required, and all other
   *   connections are refused
   * @throws TrustError `RTMP_ERR_TRUST_OPTION` for what is no list of networks, and for an empty one
   */
  constructor(networks: readonly string[], { timeout = 5_000, maxWaiting = 1_000 }: ProxyProtocolLimits = {}) {
    if (!Array.isArray(networks) || networks.length === 0)
      throw new TrustError(
        'proxyProtocol should be a list of the addresses and networks of proxies: nobody else could connect',
      )
    this.#networks = new Networks(networks)
    this.#timeout = timeout
    this.#maxWaiting = maxWaiting
  }

  /**
   * Reads the header of a connection of which nothing has been read yet, and no byte more: what follows is there to be
   * read. `done` is called once. Where it is told an error, the socket is destroyed. Otherwise the socket's
   * `remoteAddress` and `remotePort` are those of the client from then on.
   */
  arrive(socket: Socket, done: Arrived): void {
    const peer = remoteOf(socket)
    if (peer === undefined || !this.#networks.includes(peer.address)) {
      socket.destroy()
      done(untrusted(peer), peer ?? nobody)
      return
    }
    if (this.#waiting.size >= this.#maxWaiting) this.#giveUpOldest()
    const parser = new HeaderParser()
    const read = (): void => {
      // Whoever sends a byte at a time sends as many as the longest header has.
      for (let bytes = take(socket); bytes !== null; bytes = take(socket)) {
        let header: ProxyHeader | undefined
        try {
          header = parser.push(bytes)
        } catch (error) {
          return fail(error as Error)
        }
        if (header !== undefined) return succeed(header)
      }
    }
    const fail = (error: Error): void => {
      leave()
      socket.destroy()
      if (!this.#isClosed) done(error, peer)
    }
    const succeed = ({ source = peer, rest }: ProxyHeader): void => {
      leave()
      if (rest.length > 0) socket.unshift(rest)
      setRemote(socket, source)
      done(undefined, source)
    }
    const closed = (): void => fail(broken('the connection ended before its PROXY header was whole'))
    const timer = setTimeout(() => {
      const message = `no PROXY header came within ${this.#timeout} ms`
      fail(new ProxyProtocolError('RTMP_ERR_PROXY_HEADER_TIMEOUT', message))
    }, this.#timeout)
    const leave = (): void => {
      clearTimeout(timer)
      this.#waiting.delete(socket)
      socket.off('readable', read).off('end', closed).off('close', closed).off('error', ignore)
    }
    this.#waiting.set(socket, fail)
    socket.on('error', ignore).on('end', closed).on('close', closed).on('readable', read)
  }

  /** Ends the connections that are without their header, since the server closes: no `done` is told of it. */
  close(): void {
    this.#isClosed = true
    for (const [, fail] of this.#waiting) fail(broken('the server closes'))
  }

  /** The oldest has had the longest: who sends nothing makes room for those that do. */
  #giveUpOldest(): void {
    const [oldest] = this.#waiting.values()
    const message = `more than ${this.#maxWaiting} connections are without their PROXY header`
    oldest?.(new ProxyProtocolError('RTMP_ERR_PROXY_HEADER_LIMIT', message))
  }
}

/** Of a peer that was gone before anybody looked. */
const nobody: Remote = { address: '', port: 0 }

function take(socket: Socket): Buffer | null {
  return socket.read() as Buffer | null
}

function broken(message: string): ProxyProtocolError {
  return new ProxyProtocolError('RTMP_ERR_PROXY_HEADER', message)
}

function untrusted(peer: Remote | undefined): ProxyProtocolError {
  if (peer === undefined) return broken('the connection was gone before its PROXY header')
  const message = `${peer.address} is not in proxyProtocol, and this port takes connections from there alone`
  return new ProxyProtocolError('RTMP_ERR_PROXY_UNTRUSTED', message)
}

/** A reset is seen by the close that follows. */
function ignore(): void {}
