import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isLoginRefused, loginRefused, proxyOf, type ProxyUrl } from '@rtmpipe/net'
import { TunnelError, TunnelLimitError } from '../errors.ts'
import { type AgentOptions, agentFor } from './agents.ts'
import type { DialTarget } from './dial-target.ts'
import { type Route, routeTo } from './route.ts'

/** Bytes of one reply. */
const MAX_REPLY_LENGTH = 4 * 1024 * 1024

/** The answer to a request. */
export interface HttpReply {
  readonly body: Buffer
  /** The server's end of the connection it came on. */
  readonly remoteAddress: string
  readonly remotePort: number
}

/** A kept connection turned out to be closed: the request says nothing of the server. */
export class StaleConnection extends Error {
  override readonly name = 'StaleConnection'
}

/** Makes POST requests to one server, each once, on connections that are kept. */
export class HttpPoster {
  readonly #route: Route
  readonly #agent: ReturnType<typeof agentFor>
  /** Under way, and not given up. */
  readonly #requests = new Set<ClientRequest>()
  #isClosed = false

  /** @throws ProxyError `RTMP_ERR_PROXY_URL` for a `proxy` that is none */
  constructor(target: DialTarget, options: AgentOptions) {
    const proxy = proxyOf(options.proxy)
    this.#route = routeTo(target, proxy)
    this.#agent = agentFor(target, options, proxy)
  }

  /**
   * Makes one request. `timeout`: milliseconds in which nothing may come.
   *
   * @throws TunnelError when the status is not 200, the reply too long or nothing came; {@link StaleConnection}; the
   * system's error when the connection fails
   */
  async post(path: string, body: Uint8Array, timeout?: number): Promise<HttpReply> {
    if (this.#isClosed) throw new Error('the connections are closed')
    const { secure, host, port, prefix, headers, proxy } = this.#route
    return new Promise((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)({
        host,
        port,
        path: prefix + path,
        method: 'POST',
        agent: this.#agent,
        headers: {
          'Content-Type': 'application/x-fcs',
          'User-Agent': 'Shockwave Flash',
          'Content-Length': body.length,
          'Cache-Control': 'no-cache',
          Connection: 'Keep-Alive',
          ...headers,
        },
      })
      this.#requests.add(request)
      let late: TunnelError | undefined
      const silence =
        timeout === undefined
          ? undefined
          : setTimeout(() => {
              late = new TunnelError('RTMP_ERR_TUNNEL_TIMEOUT', `no answer within ${Math.ceil(timeout)} ms`)
              request.destroy()
            }, timeout)
      request.once('close', () => {
        this.#requests.delete(request)
        clearTimeout(silence)
      })
      request.on('error', error => {
        // What we gave up ourselves ends like a reset as well.
        const isStale = this.#requests.has(request) && request.reusedSocket && isReset(error)
        reject(late ?? (isStale ? new StaleConnection(error.message, { cause: error }) : readable(error, proxy)))
      })
      request.once('response', response => {
        readReply(response, proxy, () => void silence?.refresh()).then(resolve, error => reject(late ?? error))
      })
      request.end(body)
    })
  }

  /** Closes the connections that are kept and not in use: when one has died, the others may have as well. */
  refresh(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
  }

  /** Gives up what is under way. */
  abort(): void {
    const requests = [...this.#requests]
    this.#requests.clear()
    for (const request of requests) request.destroy()
  }

  /** Closes the connections, for good. */
  close(): void {
    this.#isClosed = true
    this.abort()
    this.#agent.destroy()
  }
}

async function readReply(
  response: IncomingMessage,
  proxy: ProxyUrl | undefined,
  heard: () => void,
): Promise<HttpReply> {
  const { remoteAddress = '', remotePort = 0 } = response.socket
  if (response.statusCode !== 200) {
    response.resume()
    const status = response.statusCode ?? 0
    if (proxy !== undefined && isLoginRefused(status, proxy)) throw loginRefused(proxy, status)
    throw new TunnelError('RTMP_ERR_TUNNEL_STATUS', `${whoAnswers(proxy)} answered ${status}`, { status })
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    heard()
    length += chunk.length
    if (length > MAX_REPLY_LENGTH) {
      throw new TunnelLimitError('RTMP_ERR_TUNNEL_BODY_LENGTH', `reply of more than ${MAX_REPLY_LENGTH} bytes`)
    }
    chunks.push(chunk)
  }
  return { body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks), remoteAddress, remotePort }
}

function whoAnswers(proxy: ProxyUrl | undefined): string {
  return proxy === undefined ? 'server' : `server or proxy ${proxy.shown}`
}

/** Of an answer that is none of HTTP, Node tells what it can't parse, but not whose. */
function readable(error: NodeJS.ErrnoException, proxy: ProxyUrl | undefined): Error {
  const { code = '' } = error
  if (!code.startsWith('HPE_')) return error
  return Object.assign(new Error(`${whoAnswers(proxy)} does not speak HTTP: ${error.message}`, { cause: error }), {
    code,
  })
}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE'
}
