import { ChunkConnection } from '@rtmpipe/chunk-stream'
import type { Duplex } from 'node:stream'
import { RtmpClient } from '../../src/client/rtmp-client.ts'
import { RtmpServer, type RtmpServerOptions } from '../../src/server/rtmp-server.ts'
import { type DuplexPairOptions, faulty, MemoryTransport } from '@rtmpipe/testing'
import { RawPeer } from './raw-peer.ts'
import { RecordingLog } from './recording-log.ts'

type Change = (stream: Duplex) => Duplex

/** A server of bytes, without sockets. */
export class ByteServer implements AsyncDisposable {
  readonly log: RecordingLog = new RecordingLog()
  readonly transport: MemoryTransport
  readonly server: RtmpServer
  readonly #streams: Duplex[] = []

  /** @param change what happens to the bytes of every connection at the server's end */
  constructor(
    options: Partial<RtmpServerOptions> = {},
    change: Change = stream => stream,
    pair: DuplexPairOptions = {},
  ) {
    this.transport = new MemoryTransport(pair)
    const transports = [faulty(this.transport, change)]
    this.server = new RtmpServer({ mergeWindow: 0, log: this.log, ...options, transports })
  }

  static async listening(...options: ConstructorParameters<typeof ByteServer>): Promise<ByteServer> {
    const server = new ByteServer(...options)
    await server.server.listen()
    return server
  }

  /** Bytes to and from the server. */
  async dial(change: Change = stream => stream): Promise<Duplex> {
    const port = this.server.listeners[0]?.address.port ?? 0
    const { stream } = await this.transport.dial(new URL(`memory://server:${port}`))
    stream.on('error', () => {})
    this.#streams.push(stream)
    return change(stream)
  }

  /** Messages to and from the server. */
  async peer(change?: Change): Promise<RawPeer> {
    return new RawPeer(new ChunkConnection(await this.dial(change), { role: 'client' }))
  }

  async client(change?: Change): Promise<RtmpClient> {
    const client = new RtmpClient(new ChunkConnection(await this.dial(change), { role: 'client' }))
    await client.connect({ app: 'live', tcUrl: 'memory://server/live' })
    return client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) stream.destroy()
    await this.server.close()
  }
}
