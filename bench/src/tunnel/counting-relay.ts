import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Counts what a client and an HTTP server say to one another. */
export class CountingRelay implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  requests = 0
  /** Bytes to the client. */
  down = 0

  private constructor(upstream: number) {
    this.#server = createServer(client => {
      const server = connect(upstream, '127.0.0.1')
      for (const socket of [client, server]) {
        socket.setNoDelay(true).on('error', () => {})
        this.#sockets.add(socket)
        socket.once('close', () => this.#sockets.delete(socket))
      }
      client.on('data', bytes => (this.requests += countOf('POST /', bytes)))
      server.on('data', bytes => (this.down += bytes.length))
      client.pipe(server)
      server.pipe(client)
    })
  }

  static async start(upstream: number): Promise<CountingRelay> {
    const relay = new CountingRelay(upstream)
    relay.#server.listen(0, '127.0.0.1')
    await once(relay.#server, 'listening')
    return relay
  }

  /** `rtmpt://127.0.0.1:4711` */
  get url(): string {
    return `rtmpt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  reset(): void {
    this.requests = 0
    this.down = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function countOf(words: string, bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(words); at !== -1; at = bytes.indexOf(words, at + 1)) count += 1
  return count
}
