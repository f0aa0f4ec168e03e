import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'

/** Name of the header that tells whom a request came from; who can reach the socket is believed. */
export const PEER = 'rtmpipe-peer'

interface Peer {
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly encrypted: boolean
}

/** What the header says of a request. */
export function peerHeader({ socket }: IncomingMessage): string {
  const { remoteAddress, remotePort } = socket
  const peer: Peer = { remoteAddress, remotePort, encrypted: (socket as Partial<TLSSocket>).encrypted === true }
  return JSON.stringify(peer)
}

/** Makes a request look as it did where it came. Its connection carries one request at a time. */
export function takePeer({ headers, socket }: IncomingMessage): void {
  const { [PEER]: header } = headers
  delete headers[PEER]
  if (typeof header !== 'string') return
  for (const [name, value] of Object.entries(JSON.parse(header) as Peer)) {
    Object.defineProperty(socket, name, { value, configurable: true })
  }
}
