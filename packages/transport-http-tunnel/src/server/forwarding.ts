import type { IncomingMessage } from 'node:http'
import { type Client, isForwarded, OncePerAddress, TrustedProxies, type TrustProxy } from '@rtmpipe/net'
import type { PeerAddress } from '../connection.ts'
import { TunnelError } from '../errors.ts'

/** Tells whom requests come from that proxies pass on. */
export class Forwarding {
  readonly #proxies: TrustedProxies
  readonly #onError: (error: Error, remote?: PeerAddress) => void
  readonly #warned = new OncePerAddress()

  /**
   * @param onError told of addresses that claim to be proxies, and are not trusted: once of each
   * @throws TrustError `RTMP_ERR_TRUST_OPTION` for what names no proxies
   */
  constructor(trustProxy: TrustProxy | undefined, onError: (error: Error, remote?: PeerAddress) => void) {
    this.#proxies = new TrustedProxies(trustProxy)
    this.#onError = onError
  }

  /** Whom a request comes from. */
  clientOf({ headers, socket }: IncomingMessage): Client {
    const { remoteAddress = '', remotePort = 0 } = socket
    const client = this.#proxies.clientOf(remoteAddress, headers)
    if (!this.#proxies.trusts(remoteAddress) && isForwarded(remoteAddress, headers))
      this.#warn(client.address, remotePort)
    return client
  }

  /** Whether what a connection from there says of others counts. */
  trusts(address: string): boolean {
    return this.#proxies.trusts(address)
  }

  /**
   * Says in the headers of fastify's way what has been found out, whatever the proxies said it in: with
   * `trustProxy: (address, hop) => hop === 0 && trusts(address)`, `request.ip` and `request.protocol` are the client's.
   */
  settle(request: IncomingMessage): void {
    const { address, secure } = this.clientOf(request)
    const { headers } = request
    if (!this.trusts(request.socket.remoteAddress ?? '')) return
    headers['x-forwarded-for'] = address
    if (secure === undefined) delete headers['x-forwarded-proto']
    else headers['x-forwarded-proto'] = secure ? 'https' : 'http'
  }

  #warn(address: string, port: number): void {
    if (!this.#warned.isFirst(address)) return
    const message = `a request from ${address} says whom it was passed on for, and ${address} is not in trustProxy: it counts as the client itself. If it is a proxy of yours, add it to trustProxy`
    this.#onError(new TunnelError('RTMP_ERR_TUNNEL_FORWARDED', message), { address, port })
  }
}
