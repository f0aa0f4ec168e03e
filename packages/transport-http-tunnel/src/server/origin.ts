import { canonicalAddress } from '@rtmpipe/net'
import type { FastifyRequest } from 'fastify'
import type { TLSSocket } from 'node:tls'
import type { Forwarding } from './forwarding.ts'

/** Where a request comes from. */
export interface Origin {
  /** IP address of the client. */
  readonly address: string
  /** 0 when not known. */
  readonly port: number
  /** Encrypted on its way, as far as the client's own connection goes. */
  readonly secure: boolean
  /**
   * True when `address` is that of a trusted proxy that did not say whom it speaks for: it stands for everybody behind it,
   * and so is not counted. Default false.
   */
  readonly viaProxy?: boolean | undefined
}

/** @param forwarding who knows the proxies; without it fastify does, by its own option `trustProxy` */
export function originOf(request: FastifyRequest, forwarding: Forwarding | undefined): Origin {
  const { remoteAddress = '', remotePort = 0 } = request.socket
  if (forwarding === undefined) {
    const address = request.ip ?? remoteAddress
    return { address, port: address === remoteAddress ? remotePort : 0, secure: request.protocol === 'https' }
  }
  const { address, viaProxy, secure } = forwarding.clientOf(request.raw)
  const isPeer = address === (canonicalAddress(remoteAddress) ?? remoteAddress)
  return {
    address,
    port: isPeer ? remotePort : 0,
    secure: secure ?? (request.socket as Partial<TLSSocket>).encrypted === true,
    viaProxy,
  }
}
