import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestOptions,
  request as httpRequest,
  type ServerResponse,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'

/** Characters of the id of a tunnel session behind the name of its process. */
const tailLength = 51

/** A proxy that makes a new connection for each request, to one server after the other. */
export class RoundRobin implements AsyncDisposable {
  /** Names of the processes in whose sessions requests have come. */
  readonly names = new Set<string>()
  readonly #server = createServer((request, response) => this.#pass(request, response))
  readonly #urls: readonly URL[]
  #turn = 0

  private constructor(urls: readonly string[]) {
    this.#urls = urls.map(url => new URL(url))
  }

  /** @param urls of RTMPT or RTMPTS */
  static async start(urls: readonly string[]): Promise<RoundRobin> {
    const proxy = new RoundRobin(urls)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  /** Of RTMPT. */
  get url(): string {
    return `rtmpt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { method, url: path = '', headers } = request
    const [, , id = ''] = path.split('/')
    if (id.length > tailLength) this.names.add(id.slice(0, -tailLength))
    const { protocol, port } = this.#urls[this.#turn++ % this.#urls.length] as URL
    const options: RequestOptions = { host: '127.0.0.1', port, method, path, headers, agent: false }
    const answer = (message: IncomingMessage) => {
      response.writeHead(message.statusCode ?? 500, message.headers)
      message.pipe(response)
    }
    const asked =
      protocol === 'rtmpts:'
        ? httpsRequest({ ...options, rejectUnauthorized: false }, answer)
        : httpRequest(options, answer)
    asked.on('error', () => response.destroy())
    request.pipe(asked)
  }
}
