import type { TransportConnection } from '../../src/contract/transport.ts'
import { RtmpServer, type RtmpServerOptions } from '../../src/server/rtmp-server.ts'
import { messagePair } from '@rtmpipe/testing'
import { RawPeer } from './raw-peer.ts'
import { RecordingLog } from './recording-log.ts'

/** A server for raw peers. */
export class RawServer implements AsyncDisposable {
  readonly log: RecordingLog = new RecordingLog()
  readonly server: RtmpServer
  readonly #peers: RawPeer[] = []

  constructor(options: Partial<RtmpServerOptions> = {}) {
    this.server = new RtmpServer({ mergeWindow: 0, log: this.log, ...options, transports: [] })
  }

  /** @param more what its transport says of it, beside the address */
  peer(address = 'memory', more: Pick<TransportConnection, 'request' | 'seemsGone'> = {}): RawPeer {
    const [near, far] = messagePair()
    this.server.serve(far, { transport: 'memory', secure: true, remote: { address, port: 0 }, ...more })
    const peer = new RawPeer(near)
    this.#peers.push(peer)
    return peer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { messages } of this.#peers) messages.destroy()
    await this.server.close()
  }
}
