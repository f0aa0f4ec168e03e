import { FallbackList, firstToAnswer } from '#fallback'
import {
  checkSwfIdentity,
  ChunkConnection,
  ClientHandshake,
  type ClientHandshakeType,
  type SwfIdentity,
  UsageError,
} from '@rtmpipe/chunk-stream'
import type { MessageConnection } from '../contract/message-connection.ts'
import type { Awaitable } from '../contract/plugin.ts'
import type { AnyTransport } from '../contract/transport.ts'
import { placeOf } from './fallback/place-of.ts'
import { notFollowed, optionsFor, redirectOf } from './redirect.ts'
import { RtmpClient, type RtmpClientOptions } from './rtmp-client.ts'
import { type AppUrl, parseAppUrl } from './stream-url.ts'
import { withLogin } from './with-login.ts'

/** Redirects in a row that are followed. */
const maxRedirects = 3

/** How {@link connect} dials and what it tells the server; all but `transports` has a default. */
export interface ClientConnectOptions
  extends Omit<RtmpClientOptions, 'app' | 'tcUrl' | 'reconnect' | 'redirect' | 'login'> {
  /** Ways to dial: the first that knows the scheme of the URL is taken. */
  readonly transports: readonly AnyTransport[]
  /**
   * Connect again when the server asks for it, at most 3 times within a minute and never by another scheme; default
   * true.
   */
  readonly reconnect?: boolean
  /**
   * Go where a server sends us when it refuses `connect`, or the only publish or play (`ex.redirect` in the info object of
   * a StatusError): at most 3 times, by RTMP's own schemes, and never from an encrypted one to one that is not. Another
   * host or port is told neither `properties` nor `args`, and is given no `login`. Default false: a redirect is an error
   * like other refusals.
   */
  readonly followRedirects?: boolean
  /**
   * Try other ways too when the URL does not answer, as where a firewall lets only HTTP pass. The URL comes first; the
   * next way begins when the one before has failed or 300 ms have passed, and the first on which a server answers the
   * handshake is taken. Which one that was is remembered for ten minutes, in this process, and tried first next time.
   *
   * `true` is RTMP at port 1935, RTMPS and RTMPTS at 443, RTMPT at 80, of the same host. A list has what to try instead:
   * schemes, with ports or with hosts and ports (`['rtmps:1936', 'rtmpts://edge.example:443']`). Each of these is a
   * server that you trust with all that the URL says. What is less encrypted than the URL is not tried: `rtmps:` and
   * `rtmpts:` never fall back to plain text.
   *
   * The server is told the URL as it was given (`tcUrl`), whichever way is taken. See `attempts` of the client. Default
   * false: nothing but the URL.
   */
  readonly fallback?: boolean | readonly string[]
  /** Gives up or closes when aborted. */
  readonly signal?: AbortSignal
  /** Milliseconds until the server must have answered `connect`; default 15,000. */
  readonly timeout?: number
  /**
   * How to begin over a plain URL; default `simple`, which every server takes. `digest`, as Flash Player does, is for
   * servers that insist on it.
   */
  readonly handshake?: 'simple' | 'digest'
  /** What to answer a server that asks for the SWF file of the player; makes the handshake `digest`. */
  readonly swf?: SwfIdentity
  /**
   * Answers a server at `tcUrl` that refused `connect` because it wants a login: returns a query to add to `app` and
   * `tcUrl` in the next attempt, of which there are at most two; or undefined for no answer. Default: no answer.
   */
  login?(tcUrl: string, refusal: unknown): Awaitable<string | undefined>
}

/**
 * Connects to an application by the transport that knows the scheme of the URL. `rtmpe` and `rtmpte` are `rtmp` and
 * `rtmpt` with an encryption that protects nothing; it is an error if the server does not offer it.
 *
 * @throws UsageError for a URL that can't be meant, the system's error when nobody listens, StatusError when the server
 *   refuses, ProtocolError `RTMP_ERR_REDIRECT` when it sends us where we do not go,
 *   FallbackError `RTMP_ERR_FALLBACK` with `fallback` when no way leads to a server in time, with the reason of each
 */
export async function connect(url: string, options: ClientConnectOptions): Promise<RtmpClient> {
  const target = parseAppUrl(url)
  if (options.swf !== undefined) checkSwfIdentity(options.swf)
  const { timeout = 15_000, fallback = false } = options
  const list = fallback === false ? undefined : new FallbackList(target.url, fallback)
  return withinTime(target.url, timeout, options.signal, async signal => {
    const client = await arrive(target, { ...options, list }, signal)
    closeOnAbort(client, options.signal)
    client.on('reconnect', () => closeOnAbort(client, options.signal))
    return client
  })
}

interface ArrivalOptions extends ClientConnectOptions {
  readonly list: FallbackList | undefined
}

/** Logs in, also where the server sends us. */
async function arrive(target: AppUrl, options: ArrivalOptions, signal: AbortSignal, hops = 0): Promise<RtmpClient> {
  try {
    return await logIn(target, options, signal)
  } catch (refusal) {
    const next = options.followRedirects === true ? redirectOf(refusal, target.tcUrl) : undefined
    if (next === undefined) throw refusal
    if (hops === maxRedirects) throw notFollowed(`more than ${maxRedirects} times`, refusal)
    return arrive(next, optionsFor(next, target.tcUrl, options), signal, hops + 1)
  }
}

function logIn(target: AppUrl, options: ArrivalOptions, signal: AbortSignal): Promise<RtmpClient> {
  return withLogin(
    async login => {
      const client = new RtmpClient(await dial(target.url, options, signal))
      await connectApp(client, target, login, options, signal)
      return client
    },
    refusal => options.login?.(target.tcUrl, refusal),
  )
}

async function dial(url: URL, options: ArrivalOptions, signal: AbortSignal): Promise<MessageConnection> {
  const { list, transports, signal: userSignal } = options
  // An unknown scheme is a mistake, with or without fallback.
  transportFor(url, carrierOf(url), transports)
  if (list === undefined)
    return Object.assign(await dialOne(url, options, signal), { attempts: [{ url: placeOf(url) }] })
  const knows = (scheme: string) => transports.some(({ schemes }) => schemes.flatMap(withRtmpe).includes(scheme))
  const dialWay = (way: URL, attempt: AbortSignal) => dialOne(way, options, attempt)
  return firstToAnswer(url, { list, knows, dial: dialWay, userSignal }, signal)
}

async function dialOne(url: URL, options: ClientConnectOptions, signal: AbortSignal): Promise<MessageConnection> {
  const carrier = carrierOf(url)
  const peer = await transportFor(url, carrier, options.transports).dial(carrier, { signal })
  if ('messages' in peer) return Object.assign(peer.messages, { dialled: peer })
  const handshake = new ClientHandshake({ type: handshakeType(url, options) })
  return new ChunkConnection(peer.stream, { role: 'client', handshake })
}

/**
 * Gives an attempt so many milliseconds. The signal must not be aborted after the attempt: that would also end the open
 * connection.
 */
async function withinTime<T>(
  url: URL,
  timeout: number,
  signal: AbortSignal | undefined,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(timedOut(url, timeout)), timeout)
  try {
    return await attempt(signal ? AbortSignal.any([controller.signal, signal]) : controller.signal)
  } finally {
    clearTimeout(timer)
  }
}

/** NetConnection.connect; the client is destroyed when that fails or `signal` is aborted. */
async function connectApp(
  client: RtmpClient,
  { app, tcUrl }: AppUrl,
  login: string | undefined,
  options: ArrivalOptions,
  signal: AbortSignal,
): Promise<void> {
  const giveUp = () => client.messages.destroy(signal.reason as Error)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    const { reconnect = true, followRedirects = false, timeout = 15_000, ...others } = options
    const again = (to: string, closing: AbortSignal) => {
      const { url } = parseAppUrl(to)
      const ends = options.signal === undefined ? closing : AbortSignal.any([options.signal, closing])
      return withinTime(url, timeout, ends, attempt => dial(url, options, attempt))
    }
    // The time of the whole attempt is counted outside.
    const dials = { ...(reconnect && { reconnect: again }), ...(followRedirects && { redirect: again }) }
    await client.connect({ ...others, app, tcUrl, ...dials }, login, Infinity)
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

/** The URL of the transport: RTMPE is only a handshake, its bytes travel over RTMP or RTMPT. */
function carrierOf(url: URL): URL {
  const carrier = new URL(url)
  if (isRtmpe(url)) carrier.protocol = url.protocol.replace('e:', ':')
  return carrier
}

function isRtmpe({ protocol }: URL): boolean {
  return protocol === 'rtmpe:' || protocol === 'rtmpte:'
}

function handshakeType(url: URL, { handshake = 'simple', swf }: ClientConnectOptions): ClientHandshakeType {
  if (isRtmpe(url)) return 'rtmpe'
  return swf === undefined ? handshake : 'digest'
}

function transportFor(target: URL, carrier: URL, transports: readonly AnyTransport[]): AnyTransport {
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
