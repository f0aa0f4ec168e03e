import { UsageError } from '@rtmpipe/chunk-stream'
import { type RtmfpConnection, type RtmfpPeerNetwork, connectionOf } from '../connection.ts'
import type { OpenSession } from '../contract/session.ts'
import type { DatagramSocket } from '../datagram-socket.ts'
import { ignore } from '../ignore.ts'
import { openSession } from '../open-session.ts'
import { localAddresses } from './local-addresses.ts'
import { PeerError } from './peer-error.ts'
import { SharedSession } from './shared-session.ts'

/** Of one publish. */
const MOST_EXPECTED = 10_000
const PEER_ID = /^[0-9a-f]{64}$/i

/** The other clients of a server, by the socket that we have for it. */
export class RtmfpPeers implements RtmfpPeerNetwork {
  readonly #socket: DatagramSocket
  readonly #server: OpenSession
  readonly #timeout: number
  /** Those that are open, by ids of peers. */
  readonly #sessions = new Map<string, SharedSession>()
  #accept: ((connection: RtmfpConnection) => void) | undefined

  /**
   * @param server the session with the server, which introduces us
   * @param timeout milliseconds that reaching a peer may take
   */
  constructor(socket: DatagramSocket, server: OpenSession, timeout: number) {
    this.#socket = socket
    this.#server = server
    this.#timeout = timeout
    socket.endpoint.onSession = session => {
      if (this.#accept === undefined) session.destroy()
      else this.#share(session)
    }
  }

  get addresses(): readonly string[] {
    return localAddresses(this.#socket.address.port)
  }

  listen(accept?: (connection: RtmfpConnection) => void): void {
    this.#accept = accept
    this.#socket.endpoint.answers = accept !== undefined
  }

  expect(peers: number): void {
    this.#socket.endpoint.expected += Math.max(-MOST_EXPECTED, Math.min(MOST_EXPECTED, peers))
  }

  async connect(peerId: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<RtmfpConnection> {
    if (!PEER_ID.test(peerId))
      throw new UsageError(
        'RTMP_ERR_PEER_ID',
        'the id of a peer has 64 hex digits: its `nearId`, which it has to tell you',
      )
    const id = peerId.toLowerCase()
    if (id === this.#server.nearId.toString('hex'))
      throw new UsageError('RTMP_ERR_PEER_ID', 'that is the id of this client itself, not that of a peer')
    if (id === this.#server.farId.toString('hex'))
      throw new UsageError('RTMP_ERR_PEER_ID', 'that is the id of the server: play from it without `peer`')
    signal?.throwIfAborted()
    return madeSafe(connectionOf((this.#sessions.get(id) ?? (await this.#open(id, signal))).begin()))
  }

  #open(id: string, signal: AbortSignal | undefined): Promise<SharedSession> {
    return openSession(this.#socket, {
      target: { peerId: Buffer.from(id, 'hex'), candidates: [this.#server.remote] },
      timeout: this.#timeout,
      signal,
      take: session => this.#share(session),
      silence: isRedirected => this.#silence(id, isRedirected),
    })
  }

  #silence(id: string, isIntroduced: boolean): PeerError {
    return isIntroduced
      ? new PeerError(
          'RTMP_ERR_PEER_UNREACHABLE',
          `peer ${id} does not answer within ${this.#timeout} ms: a firewall or NAT is between you and it. Play from the server instead`,
        )
      : new PeerError(
          'RTMP_ERR_PEER_UNKNOWN',
          `the server has not introduced peer ${id} within ${this.#timeout} ms: it has left, publishes nothing to peers, or the server's onIntroduce does not allow it. Ask for its present id`,
        )
  }

  /** The one that there is, where somebody else has opened it. */
  #share(session: OpenSession): SharedSession {
    const id = session.farId.toString('hex')
    const before = this.#sessions.get(id)
    if (before?.session === session) return before
    const shared = new SharedSession(session, {
      branch: branch => {
        const connection = madeSafe(connectionOf(branch))
        if (this.#accept === undefined) connection.messages.destroy()
        else this.#accept(connection)
      },
      end: () => {
        if (this.#sessions.get(id) === shared) this.#sessions.delete(id)
      },
    })
    this.#sessions.set(id, shared)
    return shared
  }
}

/** With nobody there who is told of its end, that must not end the process. */
function madeSafe(connection: RtmfpConnection): RtmfpConnection {
  connection.messages.on('error', ignore)
  return connection
}
