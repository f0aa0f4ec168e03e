import { Origins } from '@rtmpipe/transport-websocket/server'
import type { IncomingHttpHeaders } from 'node:http'

/** Which pages may watch, as browsers ask for it: CORS, and the header `Origin` of WebSockets. */
export class CrossOrigin {
  readonly #origins: Origins
  readonly #isOpen: boolean

  /**
   * @param origins `https://example.com`, or `'*'`; undefined for pages of the same host and port
   * @throws WebSocketError `RTMP_ERR_WEBSOCKET_OPTION` for what is no origin
   */
  constructor(origins: readonly string[] | '*' | undefined) {
    this.#origins = new Origins(origins)
    this.#isOpen = origins === '*' || origins?.includes('*') === true
  }

  /** Whether whoever sends these headers may watch; programs that are no browsers may. */
  allows({ origin, host }: IncomingHttpHeaders): boolean {
    return this.#origins.allows(origin, host)
  }

  /** Headers of an answer, with which the page may read it; only the cookies of pages that were named are heard. */
  headers({ origin, host }: IncomingHttpHeaders): Readonly<Record<string, string>> {
    const open = { 'Cross-Origin-Resource-Policy': 'cross-origin' }
    if (this.#isOpen) return { ...open, 'Access-Control-Allow-Origin': '*' }
    if (origin === undefined || !this.#origins.allows(origin, host)) return { Vary: 'Origin' }
    return {
      ...open,
      Vary: 'Origin',
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Credentials': 'true',
    }
  }

  /** Headers of the answer to OPTIONS, by which a browser asks before it asks. */
  preflight(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
    const { 'access-control-request-headers': asked = '' } = headers
    return {
      ...this.headers(headers),
      Allow: 'GET, HEAD, OPTIONS',
      ...(this.allows(headers) && {
        'Access-Control-Allow-Methods': 'GET, HEAD',
        ...(/^[\w\-, ]{1,1024}$/.test(asked) && { 'Access-Control-Allow-Headers': asked }),
        'Access-Control-Max-Age': '600',
      }),
    }
  }
}
