import type { Server, Socket } from 'node:net'
import { ignore } from '../ignore.ts'
import { AddressQuota, quotaKey } from './address-quota.ts'

/** Knows the open TCP connections of a server and how many each address has. */
export class ConnectionGuard {
  readonly #open = new Set<Socket>()
  readonly #quota = new AddressQuota()

  /**
   * Closes connections beyond `maxPerAddress` unseen.
   *
   * @param isProxy whether an address is that of a proxy, which has connections for many
   */
  constructor(server: Server, maxPerAddress: number, isProxy: (address: string) => boolean) {
    server.prependListener('connection', (socket: Socket) => {
      // A reset concerns nobody but the requests on the connection.
      socket.on('error', ignore)
      const { remoteAddress = '' } = socket
      const key = quotaKey(remoteAddress)
      if (this.#quota.count(key) >= maxPerAddress && !isProxy(remoteAddress)) {
        socket.destroy()
        return
      }
      this.#quota.add(key)
      this.#open.add(socket)
      socket.once('close', () => {
        this.#quota.remove(key)
        this.#open.delete(socket)
      })
    })
  }

  /** Resolves when none is open. */
  async gone(): Promise<void> {
    await Promise.all([...this.#open].map(socket => new Promise(resolve => socket.once('close', resolve))))
  }

  /** Closes every connection, whatever it is doing. */
  destroy(): void {
    for (const socket of this.#open) socket.destroy()
  }
}
