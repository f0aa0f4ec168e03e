import type { AmfObject } from '@rtmpipe/amf'
import {
  checkSwfIdentity,
  ChunkConnection,
  ClientHandshake,
  type ClientHandshakeType,
  type SwfIdentity,
  UsageError,
} from '@rtmpipe/chunk-stream'
import { RtmpClient, type Transport } from '@rtmpipe/session'
import { tcp } from '@rtmpipe/transport-tcp'
import { httpTunnel } from './http-tunnel.ts'
import { parseUrl } from './stream-url.ts'
import { tls } from './tls.ts'

export interface ConnectOptions {
  /** Accept any certificate; default false. */
  readonly insecure?: boolean
  /** Certificate authorities to trust instead of the system's, PEM. */
  readonly ca?: string
  /** Gives up or closes when aborted. */
  readonly signal?: AbortSignal
  /** Milliseconds until the server must have answered `connect`; default 15,000. */
  readonly timeout?: number
  /** Further fields of connect's command object. */
  readonly properties?: AmfObject
  /**
   * How to begin over a plain URL; default `simple`, which every server takes. `digest`, as Flash Player does, is for
   * servers that insist on it.
   */
  readonly handshake?: 'simple' | 'digest'
  /** What to answer a server that asks for the SWF file of the player; makes the handshake `digest`. */
  readonly swf?: SwfIdentity
  /** Ways to dial; default all that rtmpipe has. */
  readonly transports?: readonly Transport[]
}

/**
 * Connects to an application over RTMP, RTMPS, RTMPT, RTMPTS, RTMPE or RTMPTE, by the scheme of the URL. With the last
 * two the bytes are encrypted in a way that protects nothing; a server that does not do even that is an error.
 *
 * @example
 * ```ts
 * const client = await connect('rtmpt://127.0.0.1:8080/live')
 * for await (const message of await client.play('name')) console.log(message.timestamp)
 * ```
 *
 * @throws UsageError for a URL that can't be meant, the system's error when nobody listens, StatusError when the server
 * refuses
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<RtmpClient> {
  const target = parseUrl(url)
  const carrier = carrierOf(target)
  const { timeout = 15_000 } = options
  const transport = transportFor(target, carrier, options)
  if (options.swf !== undefined) checkSwfIdentity(options.swf)
  // Aborting a transport's signal also ends what stands already: the timer must not outlive the attempt.
  const attempt = new AbortController()
  const timer = setTimeout(() => attempt.abort(timedOut(target, timeout)), timeout)
  try {
    const signal = options.signal ? AbortSignal.any([attempt.signal, options.signal]) : attempt.signal
    const { stream } = await transport.dial(carrier, { signal })
    const handshake = new ClientHandshake({ type: handshakeType(target, options) })
    const client = new RtmpClient(new ChunkConnection(stream, { role: 'client', handshake }))
    await connectApp(client, target, options, signal)
    closeOnAbort(client, options.signal)
    return client
  } finally {
    clearTimeout(timer)
  }
}

/** NetConnection.connect; the client is destroyed when that fails or `signal` is aborted. */
async function connectApp(client: RtmpClient, url: URL, options: ConnectOptions, signal: AbortSignal): Promise<void> {
  const giveUp = () => client.messages.destroy(signal.reason as Error)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    const { properties, swf } = options
    await client.connect({
      app: appOf(url),
      tcUrl: url.href,
      ...(properties && { properties }),
      ...(swf && { swf }),
    })
  } catch (error) {
    client.messages.destroy()
    throw signal.aborted ? signal.reason : error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

function closeOnAbort({ messages }: RtmpClient, signal: AbortSignal | undefined): void {
  const close = () => messages.destroy()
  signal?.addEventListener('abort', close, { once: true })
  messages.once('close', () => signal?.removeEventListener('abort', close))
}

function timedOut({ host }: URL, timeout: number): Error {
  return new DOMException(`${host} has not answered within ${timeout} ms`, 'TimeoutError')
}

/** RTMPE is a handshake and no way of its own: its bytes go as those of RTMP or RTMPT. */
function carrierOf(url: URL): URL {
  const carrier = new URL(url)
  if (isRtmpe(url)) carrier.protocol = url.protocol.replace('e:', ':')
  return carrier
}

function isRtmpe({ protocol }: URL): boolean {
  return protocol === 'rtmpe:' || protocol === 'rtmpte:'
}

function handshakeType(url: URL, { handshake = 'simple', swf }: ConnectOptions): ClientHandshakeType {
  if (isRtmpe(url)) return 'rtmpe'
  return swf === undefined ? handshake : 'digest'
}

/** Path and query without the leading slash, as servers expect `app`. */
function appOf(url: URL): string {
  return url.pathname.replace(/^\/+|\/+$/g, '') + url.search
}

function transportFor(target: URL, carrier: URL, options: ConnectOptions): Transport {
  const trust = { insecure: options.insecure ?? false, ...(options.ca !== undefined && { ca: options.ca }) }
  const transports: readonly Transport[] = options.transports ?? [tcp(), tls(trust), httpTunnel(trust)]
  const transport = transports.find(({ schemes }) => schemes.includes(schemeOf(carrier)))
  if (transport === undefined) {
    const known = transports.flatMap(({ schemes }) => schemes.flatMap(withRtmpe)).join(', ')
    throw new UsageError('RTMP_ERR_URL', `${schemeOf(target)}:// is not known here: expected one of ${known}`)
  }
  return transport
}

function schemeOf({ protocol }: URL): string {
  return protocol.slice(0, -1)
}

function withRtmpe(scheme: string): readonly string[] {
  return scheme === 'rtmp' || scheme === 'rtmpt' ? [scheme, `${scheme}e`] : [scheme]
}
