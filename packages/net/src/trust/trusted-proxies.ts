import type { IncomingHttpHeaders } from 'node:http'
import { canonicalAddress } from './canonical-address.ts'
import { type Hop, readForwarded, readForwardedFor } from './forwarded-header.ts'
import { Networks } from './networks.ts'
import { TrustError } from './trust-error.ts'

/** Proxies whose word is taken: their addresses, as {@link Networks} takes them, or how many there are in a row. */
export type TrustProxy = readonly string[] | number

/** Who asks. */
export interface Client {
  /** IP address, canonical. */
  readonly address: string
  /** True where this is the address of a trusted proxy that did not say whom it speaks for: anybody may be behind it. */
  readonly viaProxy: boolean
  /** Whether the client's own connection is encrypted, as a trusted proxy says; undefined where none does. */
  readonly secure: boolean | undefined
}

/** More proxies in a row there are not. */
const maxCount = 32

/**
 * Tells clients from the proxies they come through, by `X-Forwarded-For` and `X-Forwarded-Proto` or, where there is no
 * `X-Forwarded-For`, by `Forwarded` (RFC 7239). Both are read from the right, where the nearest proxy wrote, up to the first
 * address that is not trusted: whatever stands before it may be forged.
 */
export class TrustedProxies {
  readonly #networks: Networks
  readonly #count: number

  /** @throws TrustError `RTMP_ERR_TRUST_OPTION` for what is no list of addresses and networks, and no number of proxies */
  constructor(trustProxy: TrustProxy = []) {
    const given: unknown = trustProxy
    if (given === true || (Array.isArray(given) && given.includes('true')))
      throw new TrustError(
        'trustProxy: true would take anybody at their word, so that everybody could claim any address: give the addresses of your proxies, like ["10.0.0.5"], or how many there are',
      )
    if (typeof given === 'number' ? !isCount(given) : !Array.isArray(given))
      throw new TrustError(
        `trustProxy is ${JSON.stringify(given)}: it should be a list of addresses and networks, or a number of proxies from 0 to ${maxCount}`,
      )
    this.#count = typeof trustProxy === 'number' ? trustProxy : 0
    this.#networks = new Networks(typeof trustProxy === 'number' ? [] : trustProxy)
  }

  /** Whether a header counts that comes on a connection from this address. */
  trusts(peerAddress: string): boolean {
    return this.#count > 0 || this.#networks.includes(peerAddress)
  }

  /** Who is behind a connection from this address that brings these headers. Garbage leaves the last good address. */
  clientOf(peerAddress: string, headers: IncomingHttpHeaders): Client {
    const peer = canonicalAddress(peerAddress) ?? peerAddress
    let client: Client = { address: peer, viaProxy: this.#isProxy(peer, 0), secure: undefined }
    if (!client.viaProxy) return client
    for (const [index, { address, isSecure }] of hopsOf(headers).entries()) {
      if (address === undefined) return { ...client, secure: isSecure ?? client.secure }
      client = { address, viaProxy: this.#isProxy(address, index + 1), secure: isSecure ?? client.secure }
      if (!client.viaProxy) break
    }
    return client
  }

  #isProxy(address: string, index: number): boolean {
    return index < this.#count || this.#networks.includes(address)
  }
}

/** Whether headers claim that a request on a connection from this address comes from somebody else. */
export function isForwarded(peerAddress: string, headers: IncomingHttpHeaders): boolean {
  if (headers['x-forwarded-for'] === undefined && headers.forwarded === undefined) return false
  // A proxy that has told of its client by the PROXY protocol may say the same here.
  return hopsOf(headers)[0]?.address !== (canonicalAddress(peerAddress) ?? peerAddress)
}

/**
 * Proxies that know one of the headers pass the other on, forged or not. Those that write `X-Forwarded-For` are many, so
 * it is the one that counts.
 */
function hopsOf(headers: IncomingHttpHeaders): readonly Hop[] {
  const addresses = textOf(headers['x-forwarded-for'])
  const protocols = textOf(headers['x-forwarded-proto'])
  if (addresses !== undefined) return readForwardedFor(addresses, protocols)
  const forwarded = textOf(headers.forwarded)
  if (forwarded !== undefined) return readForwarded(forwarded)
  // It says nothing but how it was asked.
  return protocols === undefined ? [] : readForwardedFor('unknown', protocols)
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join() : value
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= maxCount
}
