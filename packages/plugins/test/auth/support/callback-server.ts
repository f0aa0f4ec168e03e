import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it came. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** An answer; `never` leaves the request open, `reset` cuts its connection. */
export type Answer =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: string }
  | 'never'
  | 'reset'

/** A web server that writes down what it is asked. */
export class CallbackServer implements AsyncDisposable {
  readonly received: Received[] = []
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
        void Promise.resolve(this.answer(received)).then(answer => {
          if (answer === 'reset') request.socket.destroy()
          else if (answer !== 'never') response.writeHead(answer.status ?? 200, answer.headers).end(answer.body)
        })
      })
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
  async heard(count: number): Promise<void> {
    while (this.received.length < count) {
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
