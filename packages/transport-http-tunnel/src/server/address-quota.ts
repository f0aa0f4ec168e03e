/** What is counted together: an IPv4 address, or the /64 that whoever has one IPv6 address has all of. */
export function quotaKey(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? 0 : tail.split(':').length
    while (groups.length + after < 8) groups.push('0')
  }
  return groups.slice(0, 4).join(':')
}

/** How many of something each address has. */
export class AddressQuota {
  readonly #counts = new Map<string, number>()

  count(key: string): number {
    return this.#counts.get(key) ?? 0
  }

  add(key: string): void {
    this.#counts.set(key, this.count(key) + 1)
  }

  remove(key: string): void {
    const count = this.count(key) - 1
    if (count > 0) this.#counts.set(key, count)
    else this.#counts.delete(key)
  }
}
