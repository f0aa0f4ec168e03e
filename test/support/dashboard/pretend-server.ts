import type { AddressInfo } from 'node:net'
import { api, dashboard, type House, type Role } from '@rtmpipe/http'
import fastify, { type FastifyInstance } from 'fastify'
import { FakeReports } from '../../../packages/http/test/support/fake-reports.ts'

/** API and dashboard of a server that is made up: whatever `reports.all` has is shown. */
export class PretendServer implements AsyncDisposable {
  readonly reports: FakeReports = new FakeReports()
  readonly token = 'correct horse'
  /** Wrong tokens in a row after which nobody may try any more. */
  readonly tries = 5
  url = ''
  role: Role = 'operate'
  readonly #app: FastifyInstance = fastify({ forceCloseConnections: true })
  readonly #end = new AbortController()
  #cookie = 'none'
  #failures = 0

  static async start(): Promise<PretendServer> {
    const server = new PretendServer()
    const app = server.#app
    server.#login()
    for (const mount of [api(), dashboard()]) await app.register(mount, server.#house)
    await app.listen({ port: 0, host: '127.0.0.1' })
    server.url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/admin`
    return server
  }

  /** All sessions end. */
  expire(): void {
    this.#cookie = 'none'
  }

  /** Cuts all lines. */
  cut(): void {
    this.#app.server.closeAllConnections()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await this.#app.close()
  }

  get #house(): House {
    return {
      host: { signal: this.#end.signal } as House['host'],
      reports: this.reports,
      access: {
        requires: () => async (request, reply) => {
          const isIn = request.headers.cookie === `s=${this.#cookie}`
          const mayAct = request.method === 'GET' || request.headers['x-csrf-token'] === 'csrf'
          if (!isIn || !mayAct) await reply.code(isIn ? 403 : 401).send({ title: 'not signed in' })
        },
      },
    }
  }

  #login(): void {
    this.#app.post('/admin/login', async (request, reply) => {
      if (this.#failures >= this.tries) return await reply.code(429).send({ title: 'too many' })
      if ((request.body as { token: string }).token !== this.token) {
        this.#failures++
        return await reply.code(401).send({ title: 'wrong' })
      }
      this.#cookie = 'here'
      return await reply.header('set-cookie', `s=here; HttpOnly; SameSite=Strict; Path=/`).send(this.#session)
    })
    this.#app.get('/admin/session', async (request, reply) => {
      if (request.headers.cookie !== `s=${this.#cookie}`) return await reply.code(401).send({})
      return await reply.send(this.#session)
    })
    this.#app.post('/admin/logout', async (_request, reply) => {
      this.expire()
      return await reply.code(204).send()
    })
  }

  get #session(): { role: Role; csrf: string } {
    return { role: this.role, csrf: 'csrf' }
  }
}
