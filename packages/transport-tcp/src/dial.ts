import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { dialThrough, type HostPort, proxyOf } from '@rtmpipe/net'
import { type TcpConnection, connectionOf } from './connection.ts'
import { dialTarget } from './dial-target.ts'
import { hearOut } from './hear-out.ts'
import { SOCKET_OPTIONS, type TcpOptions } from './options.ts'
import { ignore } from './tcp-listener.ts'

/** Connects; aborting `signal` gives up, or destroys the socket once it stands. */
export async function dial(
  url: URL,
  { connectTimeout: timeout = 10_000, proxy: option }: Pick<TcpOptions, 'connectTimeout' | 'proxy'>,
  signal: AbortSignal | undefined,
): Promise<TcpConnection> {
  const target = dialTarget(url)
  const proxy = proxyOf(option)
  const socket =
    proxy === undefined
      ? await dialDirectly(target, timeout, signal)
      : await dialThrough(proxy, target, { signal, timeout, socket: SOCKET_OPTIONS })
  const connection = connectionOf(socket)
  if (connection !== undefined) {
    hearOut(socket)
    return connection
  }
  socket.destroy()
  const { host, port } = proxy ?? target
  throw Object.assign(new Error(`connect ECONNRESET ${host}:${port}`), { code: 'ECONNRESET', syscall: 'connect' })
}

async function dialDirectly(
  { host, port }: HostPort,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  signal?.throwIfAborted()
  const socket = connect({ ...SOCKET_OPTIONS, host, port, ...(signal && { signal }) })
  socket.on('error', ignore)
  const timer = setTimeout(() => socket.destroy(timeoutError(host, port, timeout)), timeout)
  try {
    await once(socket, 'connect')
  } catch (error) {
    signal?.throwIfAborted()
    throw readable(error)
  } finally {
    clearTimeout(timer)
  }
  signal?.throwIfAborted()
  return socket
}

/** Shaped like the system's own, whose patience is minutes. */
function timeoutError(address: string, port: number, timeout: number): Error {
  const message = `connect ETIMEDOUT ${address}:${port}: no connection within ${timeout} ms`
  return Object.assign(new Error(message), { code: 'ETIMEDOUT', syscall: 'connect', address, port })
}

/** Where a name has several addresses and none answers, Node gives an AggregateError without a message. */
function readable(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error
  const causes = error.errors.filter(cause => cause instanceof Error)
  const message = causes.map(cause => cause.message).join('; ')
  return Object.assign(new Error(message, { cause: error }), { code: (error as NodeJS.ErrnoException).code })
}
