import type { RtmfpConnection } from './connection.ts'
import { checkOptions } from './check-options.ts'
import { dial } from './dial.ts'
import type { RtmfpOptions } from './options.ts'
import { listen, type RtmfpListener, type RtmfpListenOptions } from './rtmfp-listener.ts'

/** RTMFP as a `MessageTransport` of `@rtmpipe/session`. */
export interface RtmfpTransport {
  readonly name: 'rtmfp'
  /** Of the URLs that it dials. */
  readonly schemes: readonly ['rtmfp']
  /**
   * Binds and accepts. Rejects with the system's error (`EADDRINUSE`, `EACCES`, …). `accept` must not throw. Aborting
   * `signal` later opens no more sessions; those that are open live on.
   */
  listen(accept: (connection: RtmfpConnection) => void, options?: RtmfpListenOptions): Promise<RtmfpListener>
  /**
   * Opens a session with the server that `url` names, port 1935 when it names none. Rejects with the system's error
   * (`ENOTFOUND`), with `ETIMEDOUT` after {@link RtmfpOptions.connectTimeout}, with `RtmfpUrlError`
   * (`RTMP_ERR_TRANSPORT_URL`) for a URL that is not `rtmfp:` or has no host, with `StartupError` (`RTMP_ERR_RTMFP_…`), or
   * with the reason of `signal`, which also destroys a connection that stands.
   */
  dial(url: URL, options?: { readonly signal?: AbortSignal }): Promise<RtmfpConnection>
}

/**
 * RTMP over UDP. One value both listens and dials; it holds nothing itself.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for a port or groups that can not be
 */
export function rtmfp(options: RtmfpOptions = {}): RtmfpTransport {
  checkOptions(options)
  return {
    name: 'rtmfp',
    schemes: ['rtmfp'],
    listen: (accept, how = {}) => listen(options, accept, how),
    dial: (url, { signal } = {}) => dial(url, options, signal),
  }
}
