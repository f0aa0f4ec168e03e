import { isIPv6 } from 'node:net'
import { urlHost } from '../url-host.ts'
import { ProxyError } from './proxy-error.ts'

/** How a proxy is spoken to. */
export type ProxyKind = 'http' | 'https' | 'socks5'

interface Scheme {
  readonly kind: ProxyKind
  readonly port: number
}

const schemes: ReadonlyMap<string, Scheme> = new Map<string, Scheme>([
  ['http:', { kind: 'http', port: 80 }],
  ['https:', { kind: 'https', port: 443 }],
  ['socks:', { kind: 'socks5', port: 1080 }],
  ['socks5:', { kind: 'socks5', port: 1080 }],
  ['socks5h:', { kind: 'socks5', port: 1080 }],
])

/** Name and password for a proxy. */
export interface ProxyLogin {
  /** Percent signs resolved, as all of it. */
  readonly user: string
  /** May be empty. */
  readonly password: string
}

/** Bytes of a name or a password: RFC 1929 has one byte for their number. */
const maxLoginLength = 255

const encoding = '; "/", "?" and "#" of a password are written %2F, %3F, %23'

/** Where a proxy is. What is printed of it, in logs too, is without name and password. */
export class ProxyUrl {
  /** How to speak to it. */
  readonly kind: ProxyKind
  /** Name or IP address; IPv6 without brackets. */
  readonly host: string
  /** 1 to 65,535. */
  readonly port: number
  /** Without name and password, for logs and errors. */
  readonly shown: string
  readonly #login: ProxyLogin | undefined

  /**
   * Reads `http://`, `https://`, `socks5://` or `socks5h://user:password@host:port`; without a scheme it is `http`.
   *
   * @param source what to call the text in errors, which do not repeat it
   * @throws ProxyError `RTMP_ERR_PROXY_URL`
   */
  constructor(text: string, source = 'proxy') {
    const url = parsed(text.trim(), source)
    const scheme = schemes.get(url.protocol)
    if (scheme === undefined) throw wrong(source, 'expected http://, https://, socks5:// or socks5h:// and host:port')
    // A "/", "?" or "#" in a password ends the host: what comes behind would be taken for nothing.
    if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
      throw wrong(source, `there is something behind the port${encoding}`)
    }
    this.kind = scheme.kind
    this.host = urlHost(url)
    if (this.host === '') throw wrong(source, 'it has no valid host')
    this.port = url.port === '' ? scheme.port : Number(url.port)
    if (this.port === 0) throw wrong(source, 'port 0 is none')
    this.shown = `${this.kind}://${authority(this.host, this.port)}`
    this.#login = loginOf(url, source)
  }

  /** Name and password, if it wants them. */
  get login(): ProxyLogin | undefined {
    return this.#login
  }

  /** Value of `Proxy-Authorization`: RFC 7617, Basic. */
  get authorization(): string | undefined {
    if (this.#login === undefined) return undefined
    const { user, password } = this.#login
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  }

  /** {@link shown}, so that no text has the login in it by mistake. */
  toString(): string {
    return this.shown
  }
}

/** `host:port`, with brackets around IPv6. */
export function authority(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`
}

function parsed(text: string, source: string): URL {
  try {
    return new URL(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  } catch {
    // The error of URL repeats the text.
    throw wrong(source, `expected one like http://user:password@host:3128 or socks5h://host:1080${encoding}`)
  }
}

function loginOf({ username, password }: URL, source: string): ProxyLogin | undefined {
  if (username === '' && password === '') return undefined
  const login = { user: decoded(username), password: decoded(password) }
  if (login.user.includes(':')) throw wrong(source, 'a name with a colon can not be sent')
  const isLong = [login.user, login.password].some(each => Buffer.byteLength(each) > maxLoginLength)
  if (isLong) throw wrong(source, `name or password has more than ${maxLoginLength} bytes`)
  return login
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function wrong(source: string, reason: string): ProxyError {
  return new ProxyError('RTMP_ERR_PROXY_URL', `${source}: no URL of a proxy: ${reason}`)
}
