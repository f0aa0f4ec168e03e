import type { OpenSession } from './contract/session.ts'
import { FlowMessageConnection } from './rtmp/message-connection.ts'
import type { Endpoint } from './wire/address.ts'

/** One session with a peer, as a `MessageTransportConnection` of `@rtmpipe/session`. */
export interface RtmfpConnection {
  /** The messages in both directions. */
  readonly messages: FlowMessageConnection
  readonly transport: 'rtmfp'
  /** Packets are filled from flows as they leave: media need not be held for it. */
  readonly gathers: true
  /** All bytes are encrypted, but nobody proves who the server is. */
  readonly secure: true
  /** Where the peer was when it came. */
  readonly remote: Endpoint
  /** Fingerprint of the peer's certificate, 64 hex digits: others can ask for it by that. */
  readonly peerId: string
  /** Fingerprint of ours. */
  readonly nearId: string
  /** The way to other clients of the server; only where we have dialled it. */
  readonly peers?: RtmfpPeerNetwork
}

/** The other clients of a server: a `PeerNetwork` of `@rtmpipe/session`. It lasts as long as the connection with the server. */
export interface RtmfpPeerNetwork {
  /** Where peers that are near may find us: `IP:PORT`, `[IP]:PORT`. */
  readonly addresses: readonly string[]
  /** Gives peers that connect to `accept`; without it they are sent away from now on, as they are at first. */
  listen(accept?: (connection: RtmfpConnection) => void): void
  /** So many more of them may be there at a time, or fewer; a few may be in any case. */
  expect(peers: number): void
  /**
   * A connection with the peer of that id. The server is asked for it, unless there is a session with it already.
   *
   * @throws UsageError `RTMP_ERR_PEER_ID` for what is none, PeerError `RTMP_ERR_PEER_UNKNOWN` where the server introduces
   *   nobody, `RTMP_ERR_PEER_UNREACHABLE` where the peer does not answer, StartupError, or the reason of `signal`
   */
  connect(peerId: string, options?: { readonly signal?: AbortSignal }): Promise<RtmfpConnection>
}

/** To be called in the turn in which the session has opened: its first flows may be in the same packet. */
export function connectionOf(session: OpenSession): RtmfpConnection {
  const { remote, farId, nearId } = session
  return {
    messages: new FlowMessageConnection(session),
    transport: 'rtmfp',
    gathers: true,
    secure: true,
    remote,
    peerId: farId.toString('hex'),
    nearId: nearId.toString('hex'),
  }
}
