import { WebSocketError } from '../errors.ts'

/**
 * Which pages may connect. Browsers let any page open a WebSocket to anywhere, with the cookies that belong there, and only
 * say where the page is from: it is for the server to refuse.
 */
export class Origins {
  readonly #allowed: ReadonlySet<string> | '*' | undefined

  /** @throws WebSocketError `RTMP_ERR_WEBSOCKET_OPTION` for what is no origin */
  constructor(origins: readonly string[] | '*' | undefined) {
    if (origins === undefined || origins === '*') this.#allowed = origins
    else if (Array.isArray(origins)) this.#allowed = origins.includes('*') ? '*' : new Set(origins.map(originOf))
    else throw wrong(origins)
  }

  /**
   * Whether a client may connect.
   *
   * @param origin header `Origin`; undefined of clients that are no browsers
   * @param host header `Host`. Whether the page came encrypted is not compared: where a proxy takes TLS off nobody knows here
   */
  allows(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined || this.#allowed === '*') return true
    if (!URL.canParse(origin)) return false
    const page = new URL(origin)
    if (this.#allowed !== undefined) return this.#allowed.has(page.origin)
    // Ports that belong to the scheme are left out on both sides.
    const here = `${page.protocol}//${host ?? ''}`
    return page.host !== '' && URL.canParse(here) && new URL(here).host === page.host
  }
}

/** Whether a text may stand in a list of origins. */
export function isOrigin(text: unknown): boolean {
  if (text === '*') return true
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  // Those of other schemes are `null`, as the origin of a file is.
  return url !== undefined && url.origin !== 'null' && `${url.origin}/` === url.href
}

function originOf(text: unknown): string {
  if (!isOrigin(text)) throw wrong(text)
  return new URL(text as string).origin
}

function wrong(text: unknown): WebSocketError {
  return new WebSocketError(
    'RTMP_ERR_WEBSOCKET_OPTION',
    `origins: expected '*' or a list like ["https://example.com"], not ${String(JSON.stringify(text)).slice(0, 100)}`,
  )
}
