import { connect, isIP, type Socket, type TcpNetConnectOpts } from 'node:net'
import { addAbortSignal } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { closedEarly } from './closed-early.ts'
import { connectTunnel, type HostPort } from './connect-tunnel.ts'
import { ProxyError } from './proxy-error.ts'
import type { ProxyUrl } from './proxy-url.ts'
import { connectSocks } from './socks.ts'

/** Options of {@link dialThrough}. */
export interface DialThroughOptions {
  /** Aborting it gives up the attempt, or destroys the socket if it already stands. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for all of it. Default 10 000. */
  readonly timeout?: number | undefined
  /** How the socket is set. Default `noDelay`. */
  readonly socket?: Omit<TcpNetConnectOpts, 'host' | 'port'> | undefined
}

/**
 * Connects to a server by way of a proxy: CONNECT with one for HTTP, SOCKS5 with the others. The certificate of an
 * `https:` proxy must be one that the system trusts.
 *
 * @throws ProxyError; the system's error, with the proxy's name before it, when the proxy can't be reached; the reason of
 *   the signal
 */
export async function dialThrough(
  proxy: ProxyUrl,
  target: HostPort,
  { signal, timeout = 10_000, socket: options = { noDelay: true } }: DialThroughOptions = {},
): Promise<Socket> {
  signal?.throwIfAborted()
  let socket = watched(connect({ ...options, host: proxy.host, port: proxy.port }), signal)
  let late: ProxyError | undefined
  const timer = setTimeout(() => {
    late = new ProxyError('RTMP_ERR_PROXY_TIMEOUT', `proxy ${proxy.shown} has not connected within ${timeout} ms`)
    socket.destroy(late)
  }, timeout)
  try {
    await arrival(socket, 'connect', proxy)
    if (proxy.kind === 'https') {
      // RFC 6066 §3: a server name is never an IP address. It is verified all the same.
      const name = isIP(proxy.host) === 0 ? { host: proxy.host, servername: proxy.host } : { host: proxy.host }
      socket = watched(connectTls({ socket, rejectUnauthorized: true, ALPNProtocols: ['http/1.1'], ...name }), signal)
      await arrival(socket, 'secureConnect', proxy)
    }
    await (proxy.kind === 'socks5' ? connectSocks : connectTunnel)(socket, proxy, target)
    // The answer may be the last that came before the end.
    if (socket.destroyed) throw socket.errored ?? closedEarly(proxy)
    return socket
  } catch (error) {
    socket.destroy()
    signal?.throwIfAborted()
    throw late ?? named(error, proxy)
  } finally {
    clearTimeout(timer)
  }
}

function watched<T extends Socket>(socket: T, signal: AbortSignal | undefined): T {
  socket.on('error', ignore)
  return signal === undefined ? socket : addAbortSignal(signal, socket)
}

function arrival(socket: Socket, event: string, proxy: ProxyUrl): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(socket.errored ?? closedEarly(proxy))
    socket.once('close', closed).once(event, () => {
      socket.off('close', closed)
      resolve()
    })
  })
}

/** Says which end the system's error is about. Where no address of a name answers, Node's error has no message. */
function named(error: unknown, proxy: ProxyUrl): unknown {
  if (error instanceof ProxyError || !(error instanceof Error) || error.message.startsWith('proxy ')) return error
  const all = error instanceof AggregateError ? (error.errors as Error[]) : [error]
  const { code, syscall } = error as NodeJS.ErrnoException
  const message = `proxy ${proxy.shown}: ${all.map(each => each.message).join('; ')}`
  return Object.assign(new Error(message, { cause: error }), { code, syscall })
}

function ignore(): void {}
