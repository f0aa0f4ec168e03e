import { Agent as HttpAgent, type AgentOptions as KeepOptions, type ClientRequestArgs } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { dialThrough, type ProxyUrl } from '@rtmpipe/net'
import type { HttpTunnelOptions } from '../options.ts'
import type { DialTarget } from './dial-target.ts'

/** What of the options says how connections are made. */
export type AgentOptions = Pick<HttpTunnelOptions, 'ca' | 'insecure' | 'connectTimeout' | 'proxy'>

type Created = (error: Error | null, stream: Duplex) => void

/**
 * Makes the connections of one session, and keeps them between requests. They lead to the server; to `proxy` where that is
 * asked for each request.
 */
export function agentFor(
  target: DialTarget,
  options: AgentOptions,
  proxy: ProxyUrl | undefined,
): HttpAgent | HttpsAgent {
  const keep = { keepAlive: true, noDelay: true }
  const { ca, insecure = false, connectTimeout } = options
  const encrypted = {
    ...keep,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: !insecure,
    ...(ca !== undefined && { ca: typeof ca === 'string' || Buffer.isBuffer(ca) ? ca : [...ca] }),
  }
  if (proxy === undefined) return target.secure ? new HttpsAgent(encrypted) : new HttpAgent(keep)
  const way = new Way(proxy, target, connectTimeout)
  if (target.secure) return new EncryptedAgentThrough(encrypted, way)
  if (proxy.kind === 'socks5') return new AgentThrough(keep, way)
  if (proxy.kind === 'http') return new HttpAgent(keep)
  // Requests are for the proxy itself, whose certificate must be one that the system trusts. Without a name Node would take
  // that of the header Host, which is the server's.
  const servername = isIP(proxy.host) === 0 ? proxy.host : ''
  return new HttpsAgent({ ...keep, ALPNProtocols: ['http/1.1'], rejectUnauthorized: true, servername })
}

/** The way to a server that leads through a proxy. */
class Way {
  readonly #proxy: ProxyUrl
  readonly #target: DialTarget
  readonly #timeout: number | undefined
  /** Of what is being dialled, which no agent knows of. */
  readonly #attempts = new Set<AbortController>()

  constructor(proxy: ProxyUrl, target: DialTarget, timeout: number | undefined) {
    this.#proxy = proxy
    this.#target = target
    this.#timeout = timeout
  }

  /** Dials, and tells `created` of what `wrap` makes of the connection. */
  open(wrap: (socket: Duplex) => Duplex, created: Created): undefined {
    const attempt = new AbortController()
    this.#attempts.add(attempt)
    dialThrough(this.#proxy, this.#target, { signal: attempt.signal, timeout: this.#timeout })
      .finally(() => this.#attempts.delete(attempt))
      .then(
        socket => created(null, wrap(socket)),
        (error: Error) => created(error, undefined as unknown as Duplex),
      )
  }

  /** Gives up what is being dialled. */
  close(): void {
    for (const attempt of this.#attempts) attempt.abort()
  }
}

class AgentThrough extends HttpAgent {
  readonly #way: Way

  constructor(options: KeepOptions, way: Way) {
    super(options)
    this.#way = way
  }

  override createConnection(_options: ClientRequestArgs, created: Created): undefined {
    return this.#way.open(socket => socket, created)
  }

  override destroy(): void {
    this.#way.close()
    super.destroy()
  }
}

class EncryptedAgentThrough extends HttpsAgent {
  readonly #way: Way

  constructor(options: KeepOptions, way: Way) {
    super(options)
    this.#way = way
  }

  override createConnection(options: RequestOptions, created: Created): undefined {
    // Name and authorities to verify by are in the options: they are of the server.
    return this.#way.open(socket => super.createConnection({ ...options, socket } as RequestOptions) as Duplex, created)
  }

  override destroy(): void {
    this.#way.close()
    super.destroy()
  }
}
