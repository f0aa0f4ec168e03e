import { canonicalAddress } from './canonical-address.ts'

/** One proxy's word: whom it was asked by, and how. */
export interface Hop {
  /** Undefined for what is no IP address: `unknown`, a made-up name, garbage. */
  readonly address: string | undefined
  /** Undefined where it does not say. */
  readonly isSecure: boolean | undefined
}

/** Proxies that are looked at; what was said before is not believed. */
const maxHops = 32
/** Characters of what one proxy says. */
const maxLength = 512
const longest = maxHops * maxLength

/** X-Forwarded-For, with X-Forwarded-Proto: what the nearest proxy says first. */
export function readForwardedFor(addresses: string, protocols: string | undefined): Hop[] {
  const schemes = lastFirst(protocols ?? '')
  return lastFirst(addresses).map((text, index) => ({
    address: nodeAddress(text),
    // A proxy that sets the one header and appends to the other gives one scheme for all.
    isSecure: isSecure(schemes[Math.min(index, schemes.length - 1)] ?? ''),
  }))
}

/** Forwarded (RFC 7239 §4): what the nearest proxy says first, up to the first thing that is broken. */
export function readForwarded(text: string): Hop[] {
  const hops: Hop[] = []
  for (let end = text.length; end >= 0 && hops.length < maxHops; ) {
    const element = lastElement(text, end)
    hops.push({
      address: nodeAddress(element?.pairs.get('for') ?? ''),
      isSecure: isSecure(element?.pairs.get('proto') ?? ''),
    })
    if (element === undefined) break
    end = element.start - 1
  }
  return hops
}

interface Element {
  readonly start: number
  readonly pairs: ReadonlyMap<string, string>
}

/**
 * The shortest element that ends at `end`. From the left, a quote that a client has left open would hide what the proxies
 * have said behind it.
 */
function lastElement(text: string, end: number): Element | undefined {
  for (let start = end; end - start < maxLength; ) {
    start = start === 0 ? 0 : text.lastIndexOf(',', start - 1) + 1
    if (end - start > maxLength) return undefined
    const pairs = pairsOf(text.slice(start, end))
    if (pairs !== undefined) return { start, pairs }
    if (start === 0) return undefined
    start -= 1
  }
  return undefined
}

/** A pair with what ends it; its value is a token or a quoted string. IPv6 without quotes is forgiven. */
const pair = /[ \t]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;\\]*))[ \t]*)?(;|$)/y

/** Undefined for what is no element. */
function pairsOf(element: string): ReadonlyMap<string, string> | undefined {
  const pairs = new Map<string, string>()
  for (pair.lastIndex = 0; ; ) {
    const [whole, name, quoted, plain, end] = pair.exec(element) ?? []
    if (whole === undefined) return undefined
    if (name !== undefined) {
      // §4: each parameter once.
      if (pairs.has(name.toLowerCase())) return undefined
      pairs.set(name.toLowerCase(), plain ?? (quoted ?? '').replace(/\\(.)/g, '$1'))
    }
    if (end === '') return pairs
  }
}

/** §6: an address, IPv6 in brackets where a port follows. X-Forwarded-For has the same, and IPv6 without brackets. */
function nodeAddress(text: string): string | undefined {
  const [, bracketed] = /^\[([^\]]*)\](?::[\w.-]{1,32})?$/.exec(text) ?? []
  if (bracketed !== undefined) return bracketed.includes(':') ? canonicalAddress(bracketed) : undefined
  const [, address] = /^([\d.]+)(?::[\w.-]{1,32})?$/.exec(text) ?? []
  return canonicalAddress(address ?? text)
}

function isSecure(scheme: string): boolean | undefined {
  if (/^https$/i.test(scheme)) return true
  return /^http$/i.test(scheme) ? false : undefined
}

function lastFirst(list: string): string[] {
  const parts = list.slice(-longest).split(',')
  // The first may have lost its beginning.
  if (list.length > longest) parts.shift()
  return parts
    .slice(-maxHops)
    .reverse()
    .map(text => text.trim())
}
