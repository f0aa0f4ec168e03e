import { UsageError } from '@rtmpipe/chunk-stream'
import { CapsEx, formatEnhancedCapabilities } from '@rtmpipe/flv'
import type { PeerNetwork } from '../contract/message-connection.ts'
import type { PeerServer } from '../contract/peer-server.ts'
import { forwardedCapabilities } from '../protocol/forwarded-capabilities.ts'
import { ClientConnection } from './client-connection.ts'
import { type PlayOptions, PlayStream } from './play-stream.ts'
import { type PublishOptions, PublishStream } from './publish-stream.ts'

/** Milliseconds that the server may take to say that it has our addresses; not all answer. */
const addressesTimeout = 1_000
const defaultMaxPeers = 8

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
  /** With peers that we play from. */
  readonly #playing = new Set<ClientConnection>()
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
    const { messages } = await this.#network.connect(peerId, { signal })
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
    this.#playing.add(peer)
    try {
      signal.throwIfAborted()
      const tcUrl = `rtmfp://${peerId}/peers`
      await peer.connect({ app: 'peers', tcUrl, ...capabilities }, [], undefined, {}, peer.callTimeout)
      const stream = new PlayStream(streamName, options)
      await stream.startOn(peer)
      stream.once('close', () => void peer.close())
      return stream
    } catch (error) {
      messages.destroy()
      throw error
    }
  }

  /** @throws StatusError for a name that is published to peers already, or is none */
  async publish(streamName: string, options: PublishOptions): Promise<PublishStream> {
    const { maxPeers = defaultMaxPeers } = options
    if (!(maxPeers >= 1))
      throw new UsageError('RTMP_ERR_USAGE', `publish: maxPeers should be 1 or more, and is ${maxPeers}`)
    const stream = new PublishStream(streamName, options)
    stream.startInto(await this.#serving.publish(streamName, maxPeers))
    this.#publishing.add(stream)
    this.#network.expect?.(maxPeers)
    stream.once('close', () => {
      this.#publishing.delete(stream)
      this.#network.expect?.(-maxPeers)
    })
    // Nobody can be introduced to us before the server knows that we may be reached.
    await (this.#introducible ??= this.#tellAddresses())
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
    for (const peer of this.#playing) {
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
