import { type RtmfpConnection, connectionOf } from './connection.ts'
import { DatagramSocket } from './datagram-socket.ts'
import { dialTarget } from './dial-target.ts'
import { ignore } from './ignore.ts'
import { clientLimits } from './limits.ts'
import { openSession } from './open-session.ts'
import type { RtmfpOptions } from './options.ts'
import { RtmfpPeers } from './peers/peers.ts'

/** Opens a session from a port of its own; aborting `signal` gives up, or destroys the connection once it stands. */
export async function dial(
  url: URL,
  { groups, requireHmac = false, limits, connectTimeout = 10_000, onKeys }: RtmfpOptions,
  signal: AbortSignal | undefined,
): Promise<RtmfpConnection> {
  signal?.throwIfAborted()
  const candidates = await dialTarget(url)
  signal?.throwIfAborted()
  const socket = await DatagramSocket.bind({
    certificate: 'static',
    requireHmac,
    onKeys,
    ...(groups && { groups }),
    limits: { ...clientLimits, ...limits },
  })
  socket.endpoint.answers = false
  try {
    const { session, connection } = await openSession(socket, {
      target: { url: publicUrl(url), candidates },
      timeout: connectTimeout,
      signal,
      take: session => ({ session, connection: connectionOf(session) }),
      silence: () => timeoutError(url, connectTimeout),
    })
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
    throw error
  }
}

/** It goes out under a key that everybody has: nothing of it may be a secret. */
function publicUrl({ host, pathname }: URL): string {
  return `rtmfp://${host}${pathname}`
}

/** Shaped like the system's own: nothing tells that nobody is there. */
function timeoutError({ host }: URL, timeout: number): Error {
  const message = `connect ETIMEDOUT ${host}: no answer over UDP within ${timeout} ms`
  return Object.assign(new Error(message), { code: 'ETIMEDOUT', syscall: 'connect' })
}
