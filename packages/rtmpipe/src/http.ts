/**
 * Everything over HTTP: `@rtmpipe/http`, with TLS as the transports here take it.
 *
 * @packageDocumentation
 */
import { http as plainHttp, type HttpOptions as PlainHttpOptions, type HttpPlugin } from '@rtmpipe/http'
import { checkOptions } from '@rtmpipe/session'
import { secureContexts, type TlsOptions } from '@rtmpipe/transport-tls'
import { tlsOptions } from './transports.ts'

export * from '@rtmpipe/http'

/** Those of `@rtmpipe/http`, with TLS as `tls()` takes it. */
export interface HttpOptions extends Omit<PlainHttpOptions, 'tls'> {
  /** Listen for HTTPS. Default: plain HTTP. */
  readonly tls?: TlsOptions
}

/**
 * One HTTP port for whatever is mounted, as a plugin. `port` is 8080 unless given.
 *
 * @example
 * ```ts
 * const web = http({ port: 8443, tls: { certificate }, token: process.env.ADMIN_TOKEN, mount: [health(), api()] })
 * const server = createServer({ transports: [tcp(), web.tunnel()], plugins: [web] })
 * ```
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that do not exist or do not go together
 */
export function http(options: HttpOptions = {}): HttpPlugin {
  const { tls, ...rest } = options
  if (tls === undefined) return plainHttp(rest)
  checkOptions('http().tls', tls, tlsOptions)
  return plainHttp({ ...rest, tls: secureContexts(tls) })
}
