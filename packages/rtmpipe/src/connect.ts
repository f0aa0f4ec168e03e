import type { AmfObject } from '@rtmpipe/amf'
import { ChunkConnection, UsageError } from '@rtmpipe/chunk-stream'
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
  /** Ways to dial; default all that rtmpipe has. */
  readonly transports?: readonly Transport[]
}

/**
 * Connects to an application over RTMP, RTMPS, RTMPT or RTMPTS, by the scheme of the URL.
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
  const signals = [AbortSignal.timeout(options.timeout ?? 15_000), options.signal].filter(
    signal => signal !== undefined,
  )
  const signal = AbortSignal.any(signals)
  const transport = transportFor(target, options)
  const { stream } = await transport.dial(target, { signal })
  const client = new RtmpClient(new ChunkConnection(stream, { role: 'client' }))
  const giveUp = () => client.messages.destroy(signal.reason as Error)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    await client.connect({
      app: appOf(target),
      tcUrl: target.href,
      ...(options.properties && { properties: options.properties }),
    })
  } catch (error) {
    client.messages.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
  options.signal?.addEventListener('abort', () => client.messages.destroy(), { once: true })
  return client
}

/** Path and query without the leading slash, as servers expect `app`. */
function appOf(url: URL): string {
  return url.pathname.replace(/^\/+|\/+$/g, '') + url.search
}

function transportFor(url: URL, options: ConnectOptions): Transport {
  const scheme = url.protocol.slice(0, -1)
  const trust = { insecure: options.insecure ?? false, ...(options.ca !== undefined && { ca: options.ca }) }
  const transports: readonly Transport[] = options.transports ?? [tcp(), tls(trust), httpTunnel(trust)]
  const transport = transports.find(candidate => candidate.schemes.includes(scheme))
  if (transport === undefined) {
    const known = transports.flatMap(candidate => candidate.schemes).join(', ')
    throw new UsageError('RTMP_ERR_URL', `${scheme}:// is not known here: expected one of ${known}`)
  }
  return transport
}
