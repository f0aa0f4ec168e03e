import type { Endpoint } from '../wire/address.ts'
import { isSameEndpoint } from './mobility.ts'

/** Bytes that may go for one that came. */
const AMPLIFICATION = 3

/**
 * How much may go to an address that packets say to come from, before its end has shown that it is there: addresses can be
 * forged by whoever has the keys of a session.
 */
export class UnprovenAddress {
  #address: Endpoint | undefined
  #allowance = 0

  /** Bytes have come from there. Of addresses before it nothing is kept. */
  heard(from: Endpoint, bytes: number): void {
    if (this.#address === undefined || !isSameEndpoint(this.#address, from)) this.#allowance = 0
    this.#address = from
    this.#allowance += AMPLIFICATION * bytes
  }

  /** Takes bytes for something to be sent there; false, and none, where too few are left. */
  admits(to: Endpoint, bytes: number): boolean {
    if (this.#address === undefined || !isSameEndpoint(this.#address, to) || bytes > this.#allowance) return false
    this.#allowance -= bytes
    return true
  }
}
