import {
  type AnyTransport,
  connect as connectOver,
  type ClientConnectOptions,
  parseAppUrl,
  type RtmpClient,
  UsageError,
} from '@rtmpipe/session'
import { clientTransports } from './client-transports.ts'
import { loginAnswer } from './login.ts'

/** Options of {@link connect}. */
export interface ConnectOptions extends Omit<ClientConnectOptions, 'transports' | 'login'> {
  /** Accept any certificate; default false. */
  readonly insecure?: boolean
  /** Certificate authorities to trust instead of the system's, PEM. */
  readonly ca?: string
  /**
   * URL of a proxy to go by: `http://user:password@host:port`, `https://`, `socks5://` or `socks5h://`; `false` for none.
   * Default: the one that HTTPS_PROXY (rtmps, rtmpts, wss), HTTP_PROXY (rtmpt, ws) or ALL_PROXY (also rtmp) names, but for hosts in
   * NO_PROXY. There is none for rtmfp, which goes by UDP: with a URL here it is an error.
   */
  readonly proxy?: string | false
  /** Ways to dial, with proxies of their own; default all that rtmpipe has. */
  readonly transports?: readonly AnyTransport[]
}

/**
 * Connects to an application over RTMP, RTMPS, RTMPT, RTMPTS, RTMPE, RTMPTE, RTMFP or WebSocket, by the scheme of the URL. With RTMPE
 * and RTMPTE the bytes are encrypted in a way that protects nothing; a server that does not do even that is an error. Name and
 * password in the URL (`rtmp://name:password@host/app`) answer a server that asks for them (authmod=adobe and llnw), and
 * again when it asks to connect again, but at no other host or port.
 *
 * @example
 * ```ts
 * const client = await connect('rtmpt://127.0.0.1:8080/live')
 * for await (const message of await client.play('name')) console.log(message.timestamp)
 * ```
 *
 * With `fallback` other ways are tried where the URL does not answer: see {@link ClientConnectOptions.fallback}.
 *
 * @throws UsageError for a URL that can't be meant, the system's error when nobody listens, ProxyError when a proxy does
 * not let us through, StatusError when the server refuses, FallbackError when there was `fallback` and no way led to a
 * server
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<RtmpClient> {
  const { insecure = false, ca, proxy, transports, ...others } = options
  if (proxy !== undefined && transports !== undefined) {
    throw new UsageError('RTMP_ERR_USAGE', 'connect(): give `proxy` to each of the `transports`')
  }
  const account = parseAppUrl(url).url
  return connectOver(url, {
    ...others,
    transports: transports ?? clientTransports({ insecure, ca, proxy }),
    login: (tcUrl, refusal) => loginAnswer(refusal, account, tcUrl),
  })
}
