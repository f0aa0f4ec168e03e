import type { Writable } from 'node:stream'
import type { MessageTransportConnection } from './transport.ts'

/** Serves what a client publishes to its peers, see {@link RtmpClientOptions.peerServer}. */
export interface PeerServer {
  /**
   * Begins a publish; what is written goes to the peers that play it.
   *
   * @param maxPeers most peers that may play it at a time
   * @throws StatusError `NetStream.Publish.BadName` for a name that is published already, or is none
   */
  publish(streamName: string, maxPeers: number): Promise<Writable>
  /** A peer has connected. */
  serve(connection: MessageTransportConnection): void
  /** Ends every publish, and tells the peers. */
  close(): Promise<void>
}
