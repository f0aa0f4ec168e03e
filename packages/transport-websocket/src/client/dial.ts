import type { IncomingMessage } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { dialThrough, proxyOf, type Remote, remoteOf, urlHost } from '@rtmpipe/net'
import { type ClientOptions, WebSocket } from 'ws'
import type { WebSocketConnection } from '../connection.ts'
import { type DialTarget, dialTarget } from '../dial-target.ts'
import { WebSocketError } from '../errors.ts'
import { Heartbeat } from '../node/heartbeat.ts'
import { byteStreamOf } from '../node/open.ts'
import { socketOptions, subprotocol } from '../node/socket-options.ts'
import { atLeastOne, type WebSocketOptions } from '../options.ts'

/** Connects; aborting `signal` gives up, or destroys the connection once it stands. */
export async function dial(
  url: URL,
  options: WebSocketOptions,
  signal: AbortSignal | undefined,
): Promise<WebSocketConnection> {
  const target = dialTarget(url)
  const timeout = atLeastOne('connectTimeout', options.connectTimeout ?? 10_000)
  const heartbeat = new Heartbeat(atLeastOne('pingInterval', options.pingInterval ?? 20_000))
  signal?.throwIfAborted()
  const through = await socketThrough(target, options, timeout, signal)
  const { socket, remote } = await open(target, options, through, timeout, signal)
  const stream = byteStreamOf(socket, heartbeat)
  const abort = (): void => void stream.destroy(signal?.reason as Error)
  signal?.addEventListener('abort', abort, { once: true })
  stream.once('close', () => signal?.removeEventListener('abort', abort))
  return { stream, transport: target.scheme, secure: target.secure, remote }
}

interface Opened {
  readonly socket: WebSocket
  readonly remote: Remote
}

function open(
  { url }: DialTarget,
  options: WebSocketOptions,
  through: Socket | undefined,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, [subprotocol], {
      ...socketOptions,
      ...tlsOptions(options),
      ...(options.headers && { headers: { ...options.headers } }),
      ...(through && { createConnection: () => through }),
    })
    let remote: Remote | undefined
    const settle = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      socket.off('open', opened).off('upgrade', upgraded).off('unexpected-response', refused).off('error', failed)
    }
    const fail = (error: unknown): void => {
      settle()
      socket.on('error', ignore)
      socket.terminate()
      through?.destroy()
      reject(error as Error)
    }
    const failed = (error: Error): void => fail(readable(error))
    const abort = (): void => fail(signal?.reason)
    const upgraded = (response: IncomingMessage): void => void (remote = remoteOf(response.socket))
    const refused = (_request: unknown, { statusCode: status = 0 }: IncomingMessage): void => {
      const message = `the server answered with status ${status} instead of a WebSocket`
      fail(new WebSocketError('RTMP_ERR_WEBSOCKET_STATUS', message, { status }))
    }
    const opened = (): void => {
      if (remote === undefined) return fail(new WebSocketError('RTMP_ERR_WEBSOCKET_CLOSED', 'the WebSocket broke off'))
      settle()
      resolve({ socket, remote })
    }
    const timer = setTimeout(
      () => fail(new WebSocketError('RTMP_ERR_WEBSOCKET_TIMEOUT', `no WebSocket within ${timeout} ms`)),
      timeout,
    )
    signal?.addEventListener('abort', abort, { once: true })
    socket.on('open', opened).on('upgrade', upgraded).on('unexpected-response', refused).on('error', failed)
  })
}

/** The way through a proxy, encrypted where the URL says so. */
async function socketThrough(
  target: DialTarget,
  options: WebSocketOptions,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Socket | undefined> {
  const proxy = proxyOf(options.proxy)
  if (proxy === undefined) return undefined
  const host = urlHost(target.url)
  const port = Number(target.url.port || (target.secure ? 443 : 80))
  const socket = await dialThrough(proxy, { host, port }, { timeout })
  socket.on('error', ignore)
  if (signal?.aborted) socket.destroy()
  signal?.throwIfAborted()
  if (!target.secure) return socket
  // RFC 6066 §3: a server name is never an IP address. It is verified all the same.
  const name = isIP(host) === 0 ? { host, servername: host } : { host }
  return connectTls({ socket, ...tlsOptions(options), ...name }).on('error', ignore)
}

function tlsOptions({ ca, insecure = false }: WebSocketOptions): Pick<ClientOptions, 'ca' | 'rejectUnauthorized'> & {
  readonly ALPNProtocols: string[]
} {
  return {
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: !insecure,
    ...(ca !== undefined && { ca: typeof ca === 'string' || Buffer.isBuffer(ca) ? ca : [...ca] }),
  }
}

/** The system's errors as they are; what `ws` says of the server's answer gets a code. */
function readable(error: Error): Error {
  if (error instanceof AggregateError) {
    // Where a name has several addresses and none answers, Node's error has no message.
    const message = error.errors.map(each => (each as Error).message).join('; ')
    return Object.assign(new Error(message, { cause: error }), { code: (error as NodeJS.ErrnoException).code })
  }
  if ((error as NodeJS.ErrnoException).code !== undefined) return error
  return new WebSocketError('RTMP_ERR_WEBSOCKET_REPLY', error.message, { cause: error })
}

function ignore(): void {}
