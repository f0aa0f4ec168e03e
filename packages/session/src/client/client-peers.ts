import { UsageError } from '@rtmpipe/chunk-stream'
import { CapsEx, formatEnhancedCapabilities } from '@rtmpipe/flv'
import { StatusError } from '../contract/errors.ts'
import type { MessageTransportConnection, PeerNetwork } from '../contract/message-connection.ts'
import type { PeerServer } from '../contract/peer-server.ts'
import { forwardedCapabilities } from '../protocol/forwarded-capabilities.ts'
import { ClientConnection } from './client-connection.ts'
import { type PlayOptions, PlayStream } from './play-stream.ts'
import { type PublishOptions, PublishStream } from './publish-stream.ts'

/** Milliseconds that the server may take to say that it has our addresses; not all answer. */
const addressesTimeout = 1_000
const defaultMaxPeers = 8
/** Plays from one peer, each over a connection of its own: so one that is not read does not hold up the others. */
const mostPlays = 16

/** Every codec is taken; but there is nowhere else to connect to. */
const capabilities = formatEnhancedCapabilities({
  ...forwardedCapabilities,
  capsEx: (forwardedCapabilities.capsEx ?? 0) & ~CapsEx.Reconnect,
})

/** What a client plays from other clients of its server and publishes to them. It ends with the connection with the server. */
export class ClientPeers {
  readonly connection: ClientConnection
  readonly #network: PeerNetwork
  readonly #makeServer: (() => PeerServer) | undefined
  /** With peers that we play from, and their ids. */
  readonly #playing = new Map<ClientConnection, string>()
  /** Peers that are being connected with for the first time, by ids. */
  readonly #reaching = new Map<string, Promise<MessageTransportConnection>>()
  /** Starts of plays under way, by ids of peers. */
  readonly #turns = new Map<string, Promise<unknown>>()
  readonly #publishing = new Set<PublishStream>()
  #server: PeerServer | undefined
  #introducible: Promise<void> | undefined
  readonly #over = new AbortController()
  #closing: Promise<void> | undefined

  /** @param connection with the server; it has to be connected */
  constructor(connection: ClientConnection, network: PeerNetwork, makeServer: (() => PeerServer) | undefined) {
    this.connection = connection
    this.#network = network
    this.#makeServer = makeServer
    connection.messages.once('close', () => void this.close())
  }

  /** @throws StatusError when the peer refuses, and what {@link PeerNetwork.connect} throws */
  async play(streamName: string, peerId: string, options: PlayOptions): Promise<PlayStream> {
    const { signal } = this.#over
    try {
      const peer = await this.#connect(peerId)
      return await this.#inTurn(peer, () => this.#start(peer, new PlayStream(streamName, options)))
    } catch (error) {
      // With the connection to the server everything ends, and some of it first.
      signal.throwIfAborted()
      throw error
    }
  }

  /** A connection with a peer, over which nothing is sent yet. */
  async #connect(peerId: string): Promise<ClientConnection> {
    const { signal } = this.#over
    signal.throwIfAborted()
    const { messages, peerId: id = peerId } = await this.#reach(peerId)
    const plays = [...this.#playing.values()].filter(each => each === id).length
    if (signal.aborted || plays >= mostPlays) messages.destroy()
    signal.throwIfAborted()
    if (plays >= mostPlays)
      throw new StatusError(
        'NetStream.Play.Failed',
        `${plays} streams are played from this peer already: end one first`,
      )
    const peer = new ClientConnection(messages, {
      sharedObject() {},
      command() {},
      status() {},
      closed: () => {
        this.#playing.delete(peer)
        for (const stream of peer.streams.values()) stream.closed(peer.failure)
        peer.streams.clear()
      },
    })
    peer.callTimeout = this.connection.callTimeout
    this.#playing.set(peer, id)
    return peer
  }

  /** The server is asked once for a peer, whatever is to be played from it at once. */
  async #reach(peerId: string): Promise<MessageTransportConnection> {
    const first = this.#reaching.get(peerId)
    if (first !== undefined) await first
    const connecting = this.#network.connect(peerId, { signal: this.#over.signal })
    if (first !== undefined) return connecting
    this.#reaching.set(peerId, connecting)
    try {
      return await connecting
    } finally {
      this.#reaching.delete(peerId)
    }
  }

  async #start(peer: ClientConnection, stream: PlayStream): Promise<PlayStream> {
    try {
      const tcUrl = `rtmfp://${this.#playing.get(peer) ?? 'peer'}/peers`
      await peer.connect({ app: 'peers', tcUrl, ...capabilities }, [], undefined, {}, peer.callTimeout)
      await stream.startOn(peer)
      stream.once('close', () => void peer.close())
      return stream
    } catch (error) {
      peer.messages.destroy()
      throw error
    }
  }

  /** One after the other: a peer takes few connections that play nothing yet. */
  #inTurn<T>(peer: ClientConnection, act: () => Promise<T>): Promise<T> {
    const id = this.#playing.get(peer) ?? ''
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(act)
    const settled = turn.then(
      () => {},
      () => {},
    )
    this.#turns.set(id, settled)
    void settled.then(() => {
      if (this.#turns.get(id) === settled) this.#turns.delete(id)
    })
    return turn
  }

  /** @throws StatusError for a name that is published to peers already, or is none, and for a connection that has closed */
  async publish(streamName: string, options: PublishOptions): Promise<PublishStream> {
    const { maxPeers = defaultMaxPeers } = options
    if (!(maxPeers >= 1))
      throw new UsageError('RTMP_ERR_USAGE', `publish: maxPeers should be 1 or more, and is ${maxPeers}`)
    const { signal } = this.#over
    signal.throwIfAborted()
    const stream = new PublishStream(streamName, options)
    const publication = await this.#serving.publish(streamName, maxPeers).catch((error: unknown) => {
      signal.throwIfAborted()
      throw error
    })
    // Nobody can be introduced to us before the server knows that we may be reached.
    if (!signal.aborted) {
      this.#network.expect?.(maxPeers)
      await (this.#introducible ??= this.#tellAddresses())
    }
    if (signal.aborted) publication.destroy()
    signal.throwIfAborted()
    stream.startInto(publication)
    this.#publishing.add(stream)
    stream.once('close', () => {
      this.#publishing.delete(stream)
      this.#network.expect?.(-maxPeers)
    })
    return stream
  }

  /** Ends all; peers are told. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#network.listen()
    const { failure, closedError } = this.connection
    this.#over.abort(closedError)
    for (const peer of this.#playing.keys()) {
      if (failure === undefined) void peer.close()
      else peer.messages.destroy(failure)
    }
    for (const stream of this.#publishing) stream.destroy(failure)
    await this.#server?.close()
  }

  get #serving(): PeerServer {
    if (this.#server !== undefined) return this.#server
    if (this.#makeServer === undefined)
      throw new UsageError('RTMP_ERR_PEERS', 'publishing to peers needs `peerServer` among the options of connect()')
    const server = this.#makeServer()
    this.#server = server
    this.#network.listen(connection => server.serve(connection))
    return server
  }

  async #tellAddresses(): Promise<void> {
    const told = this.connection.command('setPeerInfo', null, ...this.#network.addresses)
    let timer: NodeJS.Timeout | undefined
    const enough = new Promise<void>(resolve => {
      timer = setTimeout(resolve, addressesTimeout)
    })
    await Promise.race([told.catch(() => {}), enough])
    clearTimeout(timer)
  }
}
