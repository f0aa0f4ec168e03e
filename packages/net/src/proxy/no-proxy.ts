import { BlockList, isIP } from 'node:net'

/**
 * Hosts that are reached without a proxy: what `NO_PROXY` lists. A name stands for itself and for all names below it, with
 * or without `.` or `*.` before it; addresses and networks (`10.0.0.0/8`) stand for themselves and never for names that
 * lead to them; `*` stands for all. A port behind any of them is the only one meant.
 */
export class NoProxy {
  readonly #entries: readonly Entry[]

  /** @param text entries with commas or spaces between them; those that can't be read are nobody's */
  constructor(text: string) {
    this.#entries = text
      .split(/[\s,]+/)
      .filter(each => each !== '')
      .map(entryOf)
  }

  /** @param host in ASCII; IPv6 without brackets */
  has(host: string, port: number): boolean {
    const name = plainName(host)
    return this.#entries.some(entry => (entry.port === undefined || entry.port === port) && entry.isFor(name))
  }
}

interface Entry {
  readonly port: number | undefined
  isFor(host: string): boolean
}

/** `[v6]:port`, `name:port`, or none of both: an IPv6 address without brackets has colons of its own. */
const withPort = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/

function entryOf(text: string): Entry {
  const [, inBrackets, before, digits] = withPort.exec(text) ?? []
  const port = digits === undefined ? undefined : Number(digits)
  const host = inBrackets ?? before ?? text.replace(/^\[(.*)\]$/, '$1')
  return { port, isFor: matcherOf(host) }
}

function matcherOf(text: string): (host: string) => boolean {
  if (text === '*') return () => true
  const [address = '', bits] = text.split('/')
  if (isIP(address) !== 0) return addressesOf(address, bits)
  const name = plainName(text.replace(/^\*?\./, ''))
  return host => host === name || (isIP(host) === 0 && host.endsWith(`.${name}`))
}

function addressesOf(address: string, bits: string | undefined): (host: string) => boolean {
  const family = familyOf(address)
  const length = Number(bits ?? (family === 'ipv4' ? 32 : 128))
  const list = new BlockList()
  try {
    list.addSubnet(address, length, family)
  } catch {
    return () => false
  }
  return host => isIP(host) !== 0 && list.check(host, familyOf(host))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

/** Without the dot that ends a name, and in lower case. */
function plainName(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}
