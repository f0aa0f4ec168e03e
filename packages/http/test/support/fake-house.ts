import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import { api } from '../../src/api/api.ts'
import type { House } from '../../src/mount.ts'
import { ProblemError } from '../../src/problem/problem-error.ts'
import { FakeReports } from './fake-reports.ts'
import { quietHost } from './host.ts'

/** Tokens that the fake house knows. */
export const tokens = { view: 'view-token', operate: 'operate-token' } as const

/** A fastify server with the API of a server that is made up. */
export class FakeHouse implements AsyncDisposable {
  readonly app: FastifyInstance = fastify({ forceCloseConnections: true })
  readonly reports: FakeReports = new FakeReports()
  readonly end: AbortController = new AbortController()

  private constructor() {}

  static async open(): Promise<FakeHouse> {
    const house = new FakeHouse()
    await house.app.register(api(), house.#house)
    await house.app.ready()
    return house
  }

  /** @returns its URL */
  async listen(): Promise<string> {
    await this.app.listen({ port: 0, host: '127.0.0.1' })
    return `http://127.0.0.1:${(this.app.server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close()
  }

  get #house(): House {
    return {
      host: quietHost({ signal: this.end.signal }),
      reports: this.reports,
      access: {
        requires: role => async request => {
          const token = request.headers.authorization?.replace('Bearer ', '')
          if (token === tokens.operate || (token === tokens.view && role === 'view')) return
          if (token === tokens.view) throw new ProblemError(403, 'this token is for looking only')
          throw new ProblemError(401, 'a token is needed', { headers: { 'WWW-Authenticate': 'Bearer' } })
        },
      },
    }
  }
}
