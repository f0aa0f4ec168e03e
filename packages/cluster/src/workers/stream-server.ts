import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { UsageError } from '@rtmpipe/chunk-stream'
import type { StreamView } from '@rtmpipe/session'
import { subscribeToJoin } from '../subscribe-to-join.ts'
import { sendMessages } from './send-messages.ts'
import { epochIn, requestLength } from './stream-protocol.ts'

/** Who asks for nothing is not one of ours. Milliseconds. */
const requestTimeout = 5_000
/** Systems cut longer ones short without a word: what was to be in a private folder would be elsewhere. Bytes. */
const maxPathLength = 103

/** Hands out what a worker offers to the others, on a Unix socket. */
export class StreamServer implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** By the epoch of its claim. */
  readonly #offers = new Map<number, StreamView>()

  private constructor() {
    this.#server = createServer(socket => this.#serve(socket))
    // Who could not be accepted tries again.
    this.#server.on('error', () => {})
  }

  /** @throws UsageError for a path that is too long for a Unix socket, the system's error when it can't listen */
  static async listen(path: string): Promise<StreamServer> {
    if (Buffer.byteLength(path) > maxPathLength) {
      throw new UsageError('RTMP_ERR_USAGE', `${path} is too long for a Unix socket: choose another TMPDIR`)
    }
    const server = new StreamServer()
    server.#server.listen(path)
    await once(server.#server, 'listening')
    return server
  }

  offer(epoch: number, stream: StreamView): void {
    this.#offers.set(epoch, stream)
  }

  /** What has been joined goes on to its end. */
  withdraw(epoch: number): void {
    this.#offers.delete(epoch)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#offers.clear()
    const closed = new Promise(resolve => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    socket.setTimeout(requestTimeout, () => socket.destroy())
    const read = (): void => {
      const request = socket.read(requestLength) as Buffer | null
      if (request === null) return
      socket.setTimeout(0)
      socket.off('readable', read)
      // Nothing more is to come; reading on shows when the other end leaves.
      socket.resume()
      const stream = request.length === requestLength ? this.#offers.get(epochIn(request)) : undefined
      if (stream === undefined) socket.destroy()
      else sendMessages(subscribeToJoin(stream), socket)
    }
    socket.on('readable', read)
  }
}
