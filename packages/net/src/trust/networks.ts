import { BlockList, isIPv6 } from 'node:net'
import { canonicalAddress } from './canonical-address.ts'
import { TrustError } from './trust-error.ts'

/** Names that stand for networks; as other servers have them. */
const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  private: ['loopback', 'linklocal', 'uniquelocal'],
}

/** Some addresses of IPv4 and IPv6. */
export class Networks {
  readonly #list = new BlockList()
  /** Most servers trust nobody, and are asked with each request. */
  #isEmpty = true

  /**
   * @param entries addresses, networks like `10.0.0.0/8`, or `loopback`, `linklocal`, `uniquelocal` (of home and company
   *   networks), `private` (these three)
   * @throws TrustError for anything else
   */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry.trim())
  }

  /** IPv4 that is mapped into IPv6 counts as IPv4. What is no IP address is in no network. */
  includes(address: string): boolean {
    if (this.#isEmpty) return false
    const canonical = canonicalAddress(address)
    return canonical !== undefined && this.#list.check(canonical, familyOf(canonical))
  }

  #add(entry: string): void {
    if (Object.hasOwn(named, entry)) {
      for (const network of named[entry] ?? []) this.#add(network)
      return
    }
    const [text = '', length, ...rest] = entry.split('/')
    const address = text.includes('%') ? undefined : canonicalAddress(text)
    if (address === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length ?? '0')) throw noNetwork(entry)
    const bits = isIPv6(address) ? 128 : 32
    // `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
    const before = isIPv6(text) ? 128 - bits : 0
    const prefix = length === undefined ? bits : Number(length) - before
    if (prefix < 0 || prefix > bits) throw noNetwork(entry)
    this.#isEmpty = false
    this.#list.addSubnet(address, prefix, familyOf(address))
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4'
}

function noNetwork(entry: string): TrustError {
  const names = Object.keys(named).join(', ')
  return new TrustError(`${JSON.stringify(entry)} is no IP address, no network like 10.0.0.0/8, and none of ${names}`)
}
