import { isIPv4, isIPv6 } from 'node:net'

/** Longer is no address. */
const longest = 64

/** An IP address and a port from `IP:PORT` or `[IP]:PORT`; undefined for anything else. */
export function peerAddress(text: string): { readonly address: string; readonly port: number } | undefined {
  if (text.length > longest) return undefined
  const [, ipv6 = '', ipv4 = '', digits] = /^(?:\[([^\]%]+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (!(port >= 1 && port <= 65_535)) return undefined
  if (isIPv4(ipv4)) return { address: ipv4, port }
  return isIPv6(ipv6) ? { address: ipv6, port } : undefined
}
