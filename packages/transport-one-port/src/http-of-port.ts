import type { Socket } from 'node:net'
import type { Accept, PeerAddress } from './connection.ts'

/** Tunnel sessions that are taken. */
export interface Sessions {
  /** Takes no more; resolves when those that are open have closed. */
  close(): Promise<void>
}

/** An HTTP server that is given its connections by a port. */
export interface HttpOfPort {
  /** Serves a connection; encrypted, if it is a TLSSocket. */
  take(connection: Socket): void
  /** From now on tunnel sessions are for `accept`. */
  open(accept: Accept, address: PeerAddress): Promise<Sessions>
}
