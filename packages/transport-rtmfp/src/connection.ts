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
