import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it came. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** An answer; `never` leaves the request open, `half` the answer, `reset` cuts the connection. */
export type Answer =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: string }
  | 'never'
  | 'half'
  | 'reset'

/** A web server that writes down what it is asked. */
export class CallbackServer implements AsyncDisposable {
  readonly received: Received[] = []
  /** How many connections have come. */
  connections = 0
  /** Requests whose clients went away before they had an answer. */
  withdrawn = 0
  readonly #server: Server
  /** Answers by path; what has none is answered with 200. */
  answer: (request: Received) => Answer | Promise<Answer> = () => ({})

  #notify: () => void = () => {}

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { method = '', url = '', headers } = request
        const received = { method, path: url, headers, body: Buffer.concat(chunks).toString() }
        this.received.push(received)
        this.#notify()
        response.once('close', () => {
          if (!response.writableEnded) this.withdrawn += 1
          this.#notify()
        })
        void Promise.resolve(this.answer(received)).then(answer => send(answer, response))
      })
    })
    this.#server.on('connection', () => {
      this.connections += 1
    })
  }

  static async start(): Promise<CallbackServer> {
    const server = new CallbackServer()
    await new Promise<void>(resolve => server.#server.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get bodies(): readonly string[] {
    return this.received.map(({ body }) => body)
  }

  /** Resolves when so many requests have come. */
  heard(count: number): Promise<void> {
    return this.#until(() => this.received.length >= count)
  }

  /** Resolves when so many clients have gone away before they had an answer. */
  left(count: number): Promise<void> {
    return this.#until(() => this.withdrawn >= count)
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>(resolve => {
        this.#notify = resolve
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

function send(answer: Answer, response: ServerResponse): void {
  if (answer === 'reset') response.destroy()
  else if (answer === 'half') response.writeHead(200, { 'content-length': 4 }).write('ha')
  else if (answer !== 'never') response.writeHead(answer.status ?? 200, answer.headers).end(answer.body)
}
