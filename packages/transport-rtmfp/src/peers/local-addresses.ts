import { networkInterfaces } from 'node:os'

type Interfaces = ReturnType<typeof networkInterfaces>

/** More are not told. */
const MOST = 16
const LINK_LOCAL = /^(169\.254\.|fe[89ab])/i

/** Where peers that are near may find this machine, as `setPeerInfo` has addresses. */
export function localAddresses(port: number, interfaces: Interfaces = networkInterfaces()): string[] {
  const addresses: string[] = []
  for (const { address, internal } of Object.values(interfaces).flatMap(each => each ?? []))
    if (!internal && !LINK_LOCAL.test(address))
      addresses.push(address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`)
  return addresses.slice(0, MOST)
}
