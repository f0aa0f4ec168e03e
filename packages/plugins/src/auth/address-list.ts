import { BlockList, isIPv6 } from 'node:net'
import { canonicalAddress } from '../address.ts'

/** Addresses and networks, IPv4 and IPv6. */
export class AddressList {
  readonly #list = new BlockList()

  /** @throws TypeError for what is neither an address nor a network like `10.0.0.0/8` */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry)
  }

  /** IPv4 addresses mapped into IPv6 count as IPv4. A text that is no IP address is in no list. */
  includes(address: string): boolean {
    const canonical = canonicalAddress(address)
    return canonical !== undefined && this.#list.check(canonical, familyOf(canonical))
  }

  #add(entry: string): void {
    const [network = '', length, ...rest] = entry.trim().split('/')
    const address = canonicalAddress(network)
    const isMapped = address !== undefined && !isIPv6(address) && network.includes(':')
    const max = address === undefined ? 0 : isIPv6(address) ? 128 : 32
    const prefix = (length === undefined ? max : Number(length)) - (isMapped && length !== undefined ? 96 : 0)
    const isNumber = length === undefined || /^\d{1,3}$/.test(length)
    if (address === undefined || rest.length > 0 || !isNumber || prefix < 0 || prefix > max) {
      throw new TypeError(`${JSON.stringify(entry)} is neither an IP address nor a network like 10.0.0.0/8`)
    }
    this.#list.addSubnet(address, prefix, familyOf(address))
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4'
}
