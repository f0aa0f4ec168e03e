import type { Writable } from 'node:stream'
import type { ConnectionInfo } from '../contract/connection-info.ts'
import { deny } from '../contract/denial.ts'
import type { PeerServer } from '../contract/peer-server.ts'
import type { Plugin } from '../contract/plugin.ts'
import { StatusError } from '../contract/errors.ts'
import { isBadName, streamTarget } from '../protocol/stream-target.ts'
import { PeerGuests, peerOf } from './peer-guests.ts'
import { PeerSeats } from './peer-seats.ts'
import { RtmpServer } from './rtmp-server.ts'

/** Peers say the same: there is nothing to choose. */
const app = 'peers'
/** How our own publishes come. No peer can. */
const ourselves = { transport: 'in-process', remote: { address: '', port: 0 } }
/** NetStreams of one connection. */
const mostStreams = 8
/** Connections, whatever plays may be taken. */
const mostConnections = 1_000

/** Makes what serves the peers of a client: a server without listeners, with only what the client itself publishes. */
export function peerServer(): PeerServer {
  const seats = new PeerSeats()
  const publications = new Set<Writable>()
  const server = new RtmpServer({
    transports: [],
    plugins: [guard(seats, new PeerGuests())],
    publishWait: 0,
    limits: {
      // Without a handshake nothing else limits what comes before `connect`.
      handshakeTimeout: 0,
      maxConnections: mostConnections,
      maxConnectionsPerAddress: mostConnections,
      maxNetStreams: mostStreams,
      // Whoever publishes here knows why it waits.
      publishIdle: 0,
    },
  })
  let isClosed = false
  return {
    async publish(name, maxPeers) {
      if (isClosed) throw closedError()
      // As the server takes it, which is asked for by that name.
      const target = streamTarget({ app, instance: '', query: new URLSearchParams() }, name)
      if (isBadName(target)) throw new StatusError('NetStream.Publish.BadName', target.fault)
      const { streamName } = target
      if (seats.has(streamName))
        throw new StatusError('NetStream.Publish.BadName', `${streamName} is published to peers already`)
      seats.open(streamName, maxPeers)
      let publication: Writable
      try {
        publication = await server.publish(app, name, ourselves)
      } catch (error) {
        seats.close(streamName)
        throw error
      }
      if (isClosed) {
        // Its end closes its seats, for which close() waits.
        publication.destroy()
        throw closedError()
      }
      publications.add(publication)
      publication.once('close', () => publications.delete(publication))
      return publication
    },
    serve(connection) {
      server.serve(connection.messages, connection)
    },
    async close() {
      isClosed = true
      for (const publication of publications) publication.destroy()
      // First peers hear that the publish is over, as they would at any other time.
      await seats.closed()
      // Without the status of a server that closes, which may overtake that.
      for (const connection of server.connections) connection.end()
      await server.close()
    },
  }
}

function closedError(): StatusError {
  return new StatusError('NetConnection.Connect.Closed', 'the connection with the server is closed')
}

function isOurs({ transport }: ConnectionInfo): boolean {
  return transport === ourselves.transport
}

/** Peers may play what there is, and nothing else. */
function guard(seats: PeerSeats, guests: PeerGuests): Plugin {
  const stop = (connection: ConnectionInfo, streamName: string) => {
    seats.leave(streamName, peerOf(connection))
    guests.stop(connection)
  }
  return {
    name: 'peers',
    onConnect: ({ app: asked }) => (asked === app ? undefined : deny('NetConnection.Connect.InvalidApp', 'peers only')),
    onConnectAccepted: ({ connection }) =>
      isOurs(connection) ? undefined : (guests.arrive(connection, seats.total) ?? (() => guests.leave(connection))),
    onDisconnect: ({ connection }) => guests.leave(connection),
    onPublish: ({ connection }) =>
      isOurs(connection) ? undefined : deny('NetStream.Publish.Denied', 'a peer takes nothing from others'),
    onPublishEnd: ({ streamName }) => seats.close(streamName),
    onPlay: ({ streamName }) =>
      seats.has(streamName)
        ? undefined
        : deny('NetStream.Play.StreamNotFound', `the peer does not publish ${streamName} to its peers`),
    onPlayAccepted({ connection, streamName }) {
      const refusal = seats.take(streamName, peerOf(connection))
      if (refusal !== undefined) return refusal
      guests.play(connection)
      return () => stop(connection, streamName)
    },
    onPlayEnd: ({ connection, streamName }) => stop(connection, streamName),
    onSharedObject: () => deny('SharedObject.ObjectCreationFailed', 'a peer has no shared objects'),
  }
}
