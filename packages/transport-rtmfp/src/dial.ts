import { type RtmfpConnection, connectionOf } from './connection.ts'
import type { OpenSession } from './contract/session.ts'
import { DatagramSocket } from './datagram-socket.ts'
import { dialTarget } from './dial-target.ts'
import type { RtmfpOptions } from './options.ts'
import { RtmfpPeers } from './peers/peers.ts'
import { ignore } from './rtmfp-listener.ts'

/** Opens a session from a port of its own; aborting `signal` gives up, or destroys the connection once it stands. */
export async function dial(
  url: URL,
  { groups, requireHmac = false, limits, connectTimeout = 10_000, onKeys }: RtmfpOptions,
  signal: AbortSignal | undefined,
): Promise<RtmfpConnection> {
  signal?.throwIfAborted()
  const candidates = await dialTarget(url)
  signal?.throwIfAborted()
  const given = { ...(groups && { groups }), ...(limits && { limits }) }
  const socket = await DatagramSocket.bind({ certificate: 'static', requireHmac, onKeys, ...given })
  const timeout = AbortSignal.timeout(connectTimeout)
  const giveUp = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  try {
    const { session, connection } = await open(socket, { url: url.href, candidates }, giveUp)
    const peers = new RtmfpPeers(socket, session, connectTimeout)
    const { messages } = connection
    messages.on('error', ignore)
    const abort = () => void messages.destroy()
    signal?.addEventListener('abort', abort, { once: true })
    messages.once('close', () => {
      signal?.removeEventListener('abort', abort)
      peers.listen()
      void socket.end()
    })
    return { ...connection, peers }
  } catch (error) {
    socket.close()
    signal?.throwIfAborted()
    throw giveUp.aborted ? timeoutError(url, connectTimeout) : error
  }
}

interface Opened {
  readonly session: OpenSession
  readonly connection: RtmfpConnection
}

function open(
  socket: DatagramSocket,
  target: Parameters<DatagramSocket['endpoint']['open']>[0],
  giveUp: AbortSignal,
): Promise<Opened> {
  return new Promise((resolve, reject) => {
    giveUp.throwIfAborted()
    const abort = () => {
      opening.abort()
      reject(giveUp.reason)
    }
    const opening = socket.endpoint.open(target, socket.now, (error, session) => {
      giveUp.removeEventListener('abort', abort)
      if (session === undefined) reject(error)
      else resolve({ session, connection: connectionOf(session) })
    })
    giveUp.addEventListener('abort', abort, { once: true })
  })
}

/** Shaped like the system's own: nothing tells that nobody is there. */
function timeoutError({ host }: URL, timeout: number): Error {
  const message = `connect ETIMEDOUT ${host}: no answer over UDP within ${timeout} ms`
  return Object.assign(new Error(message), { code: 'ETIMEDOUT', syscall: 'connect' })
}
