import { isIP } from 'node:net'
import { UsageError } from '@rtmpipe/chunk-stream'
import { maxDiscovered } from './limits.ts'

const defaultPort = 4222

/** Where a server is. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
  /** That its certificate has to be for; of a server that another told of, the other's. */
  readonly tlsName: string
  /** Whether it may be spoken to with TLS only. */
  readonly needsTls: boolean
}

/** What a URL of a server says beside the address. */
export interface UrlLogin {
  readonly user?: string
  readonly password?: string
  readonly token?: string
}

/** For logs: never with a user, password or token. */
export function addressText({ host, port }: ServerAddress): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/**
 * Servers as users write them, as `nats://host:4222` or `tls://user:password@host`.
 *
 * @throws UsageError for what is no such address, and for two logins; what was written is not in it
 */
export function parseServers(servers: string | readonly string[]): { addresses: ServerAddress[]; login: UrlLogin } {
  const texts = typeof servers === 'string' ? servers.split(',') : servers
  const parsed = texts.map((text, index) => parseServer(text.trim(), index))
  if (parsed.length === 0) throw new UsageError('RTMP_ERR_USAGE', 'give at least one NATS server, as nats://host:4222')
  const logins = parsed.map(({ login }) => login).filter(login => Object.keys(login).length > 0)
  const [login = {}] = logins
  if (logins.some(other => JSON.stringify(other) !== JSON.stringify(login)))
    throw new UsageError('RTMP_ERR_USAGE', 'give all NATS servers the same user and password')
  return { addresses: parsed.map(({ address }) => address), login }
}

function parseServer(text: string, index: number): { address: ServerAddress; login: UrlLogin } {
  const wrong = (): UsageError =>
    new UsageError('RTMP_ERR_USAGE', `NATS server ${index + 1} is no address like nats://host:4222 or tls://host:4222`)
  const hasScheme = /^[a-z]+:\/\//i.test(text)
  // Known schemes have rules of their own: ports that vanish, hosts that are taken apart otherwise.
  const rest = hasScheme ? text.replace(/^(?:nats|tls):\/\//i, 'http://') : `http://${text}`
  const url = URL.canParse(rest) ? new URL(rest) : undefined
  if (url === undefined || url.protocol !== 'http:' || url.hostname === '') throw wrong()
  if ((hasScheme && /^http/i.test(text)) || !['', '/'].includes(url.pathname) || url.search !== '') throw wrong()
  const port = url.port === '' ? (/:80\/?$/.test(rest) ? 80 : defaultPort) : Number(url.port)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return { address: { host, port, tlsName: host, needsTls: /^tls:/i.test(text) }, login: loginOf(url, index) }
}

function loginOf({ username, password }: URL, index: number): UrlLogin {
  if (username === '') return {}
  try {
    const user = decodeURIComponent(username)
    return password === '' ? { token: user } : { user, password: decodeURIComponent(password) }
  } catch {
    throw new UsageError(
      'RTMP_ERR_USAGE',
      `in the user or password of NATS server ${index + 1} there is a % that stands for itself: write it as %25`,
    )
  }
}

/** The servers of a node: those that its user named, and behind them those that servers have told of. */
export class ServerList {
  readonly #named: readonly ServerAddress[]
  #discovered: readonly ServerAddress[] = []

  /** @param start chooses the first one, from 0 to below 1, so that not all nodes go to the same */
  constructor(named: readonly ServerAddress[], start: number) {
    const first = Math.floor(start * named.length)
    this.#named = [...named.slice(first), ...named.slice(0, first)]
  }

  /** Each once, in the order in which they are to be tried. */
  get all(): readonly ServerAddress[] {
    return [...this.#named, ...this.#discovered]
  }

  /** To be tried when the connection to `last` is no good: it comes last. */
  after(last: ServerAddress | undefined): readonly ServerAddress[] {
    const all = this.all
    const index = last === undefined ? -1 : all.findIndex(each => addressText(each) === addressText(last))
    return [...all.slice(index + 1), ...all.slice(0, index + 1)]
  }

  /** Takes what a server tells of the others of its cluster. */
  discover(urls: readonly string[], { tlsName, needsTls }: ServerAddress): void {
    const known = new Set(this.#named.map(addressText))
    this.#discovered = urls.slice(0, maxDiscovered).flatMap(text => {
      const match = /^\[?([^[\]]+)\]?:(\d{1,5})$/.exec(text)
      if (match === null) return []
      const address = { host: match[1] as string, port: Number(match[2]), tlsName, needsTls }
      return known.has(addressText(address)) ? [] : [address]
    })
  }
}
