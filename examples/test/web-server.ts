import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A web server that remembers what it is asked, and answers everything alike. */
export class WebServer implements AsyncDisposable {
  readonly paths: string[] = []
  /** Status and body of what is answered by path. */
  answer: (path: string) => readonly [status: number, body?: string] = () => [200]
  readonly #server: Server
  #notify = (): void => {}

  private constructor() {
    this.#server = createServer((request, response) => {
      const { url = '' } = request
      request.resume().on('end', () => {
        this.paths.push(url)
        const [status, body] = this.answer(url)
        response.writeHead(status).end(body)
        this.#notify()
      })
    })
  }

  static async start(): Promise<WebServer> {
    const web = new WebServer()
    await new Promise<void>(resolve => web.#server.listen(0, '127.0.0.1', resolve))
    return web
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Resolves when that path has been asked for. */
  async asked(path: string): Promise<void> {
    while (!this.paths.includes(path)) await new Promise<void>(resolve => (this.#notify = resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
