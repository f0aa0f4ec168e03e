import type { Writable } from 'node:stream'
import { deny } from '../contract/denial.ts'
import type { PeerServer } from '../contract/peer-server.ts'
import type { Plugin } from '../contract/plugin.ts'
import { StatusError } from '../contract/errors.ts'
import { parseStreamName } from '../protocol/stream-target.ts'
import { RtmpServer } from './rtmp-server.ts'

/** Peers say the same: there is nothing to choose. */
const app = 'peers'
/** How our own publishes come. No peer can. */
const ourselves = { transport: 'in-process', remote: { address: '', port: 0 } }
/** Peers that play nothing yet, beside those that may play. */
const mostUndecided = 16
/** NetStreams of one peer. */
const mostStreams = 8
/** Connections, whatever plays may be taken. */
const mostConnections = 1_000

/** Makes what serves the peers of a client: a server without listeners, with only what the client itself publishes. */
export function peerServer(): PeerServer {
  const seats = new Seats()
  const publications = new Set<Writable>()
  const server = new RtmpServer({
    transports: [],
    plugins: [guard(seats)],
    publishWait: 0,
    limits: {
      maxConnections: mostConnections,
      maxConnectionsPerAddress: mostConnections,
      maxNetStreams: mostStreams,
      // Whoever publishes here knows why it waits.
      publishIdle: 0,
    },
  })
  return {
    async publish(name, maxPeers) {
      const { streamName } = parseStreamName(name)
      if (seats.most(streamName) !== undefined)
        throw new StatusError('NetStream.Publish.BadName', `${streamName} is published to peers already`)
      seats.open(streamName, maxPeers)
      try {
        const publication = await server.publish(app, name, ourselves)
        publications.add(publication)
        publication.once('close', () => publications.delete(publication))
        return publication
      } catch (error) {
        seats.close(streamName)
        throw error
      }
    },
    serve(connection) {
      const peers = server.connections.size - publications.size
      if (peers >= seats.total + mostUndecided) connection.messages.destroy()
      else server.serve(connection.messages, connection)
    },
    async close() {
      for (const publication of publications) publication.destroy()
      // First peers hear that the publish is over, as they would at any other time.
      await seats.closed()
      // Without the status of a server that closes, which may overtake that.
      for (const connection of server.connections) connection.end()
      await server.close()
    },
  }
}

/** How many peers play each stream, and how many may. */
class Seats {
  readonly #most = new Map<string, number>()
  readonly #taken = new Map<string, number>()
  #whenClosed: (() => void) | undefined

  /** All that may play, of all streams. */
  get total(): number {
    let total = 0
    for (const most of this.#most.values()) total += most
    return total
  }

  open(streamName: string, most: number): void {
    this.#most.set(streamName, most)
  }

  close(streamName: string): void {
    this.#most.delete(streamName)
    if (this.#most.size === 0) this.#whenClosed?.()
  }

  /** Resolves when nothing is published. */
  closed(): Promise<void> {
    return new Promise(resolve => {
      if (this.#most.size === 0) resolve()
      this.#whenClosed = resolve
    })
  }

  /** Undefined of a stream that is not published. */
  most(streamName: string): number | undefined {
    return this.#most.get(streamName)
  }

  /** False when there is none left. */
  take(streamName: string): boolean {
    const taken = this.#taken.get(streamName) ?? 0
    if (taken >= (this.#most.get(streamName) ?? 0)) return false
    this.#taken.set(streamName, taken + 1)
    return true
  }

  leave(streamName: string): void {
    const taken = this.#taken.get(streamName) ?? 0
    if (taken > 1) this.#taken.set(streamName, taken - 1)
    else this.#taken.delete(streamName)
  }
}

/** Peers may play what there is, and nothing else. */
function guard(seats: Seats): Plugin {
  return {
    name: 'peers',
    onConnect: ({ app: asked }) => (asked === app ? undefined : deny('NetConnection.Connect.InvalidApp', 'peers only')),
    onPublish: ({ connection }) =>
      connection.transport === ourselves.transport
        ? undefined
        : deny('NetStream.Publish.Denied', 'a peer takes nothing from others'),
    onPublishEnd: ({ streamName }) => seats.close(streamName),
    onPlay: ({ streamName }) =>
      seats.most(streamName) === undefined
        ? deny('NetStream.Play.StreamNotFound', `the peer does not publish ${streamName} to its peers`)
        : undefined,
    onPlayAccepted: ({ streamName }) =>
      seats.take(streamName)
        ? () => seats.leave(streamName)
        : deny(
            'NetStream.Play.Failed',
            `${seats.most(streamName) ?? 0} peers play it already: play from another peer, or from the server`,
          ),
    onPlayEnd: ({ streamName }) => seats.leave(streamName),
    onSharedObject: () => deny('SharedObject.ObjectCreationFailed', 'a peer has no shared objects'),
  }
}
