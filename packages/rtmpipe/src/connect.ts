import {
  connect as connectOver,
  type ClientConnectOptions,
  parseAppUrl,
  type RtmpClient,
  type Transport,
} from '@rtmpipe/session'
import { tcp } from '@rtmpipe/transport-tcp'
import { loginAnswer } from './login.ts'
import { httpTunnel, tls } from './transports.ts'

/** Options of {@link connect}. */
export interface ConnectOptions extends Omit<ClientConnectOptions, 'transports' | 'login'> {
  /** Accept any certificate; default false. */
  readonly insecure?: boolean
  /** Certificate authorities to trust instead of the system's, PEM. */
  readonly ca?: string
  /** Ways to dial; default all that rtmpipe has. */
  readonly transports?: readonly Transport[]
}

/**
 * Connects to an application over RTMP, RTMPS, RTMPT, RTMPTS, RTMPE or RTMPTE, by the scheme of the URL. With the last
 * two the bytes are encrypted in a way that protects nothing; a server that does not do even that is an error. Name and
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
 * @throws UsageError for a URL that can't be meant, the system's error when nobody listens, StatusError when the server
 * refuses, FallbackError when there was `fallback` and no way led to a server
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<RtmpClient> {
  const { insecure = false, ca, transports, ...others } = options
  const trust = { insecure, ...(ca !== undefined && { ca }) }
  const account = parseAppUrl(url).url
  return connectOver(url, {
    ...others,
    transports: transports ?? [tcp(), tls(trust), httpTunnel(trust)],
    login: (tcUrl, refusal) => loginAnswer(refusal, account, tcUrl),
  })
}
