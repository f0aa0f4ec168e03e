import { RtmpClient } from '../../src/client/rtmp-client.ts'
import type { ReconnectRequest } from '../../src/contract/connection-info.ts'
import type { MessageConnection } from '../../src/contract/message-connection.ts'
import type { Plugin } from '../../src/contract/plugin.ts'
import { messagePair, TestServer } from '@rtmpipe/testing'

const peer = { transport: 'memory', secure: true, remote: { address: 'memory', port: 0 } }

/** Servers by host, `a` and `b`, and clients that move between them. */
export class Hosts implements AsyncDisposable {
  readonly a: TestServer
  readonly b: TestServer
  readonly dialled: string[] = []
  readonly #clients: RtmpClient[] = []

  constructor(plugins: readonly Plugin[] = [], pluginsOfB: readonly Plugin[] = []) {
    this.a = new TestServer({ plugins })
    this.b = new TestServer({ plugins: pluginsOfB })
  }

  dial(tcUrl: string): MessageConnection {
    this.dialled.push(tcUrl)
    const server = new URL(tcUrl).host === 'a' ? this.a : this.b
    const [near, far] = messagePair()
    server.server.serve(far, peer)
    return near
  }

  async client(app = 'live'): Promise<RtmpClient> {
    const tcUrl = `rtmp://a/${app}`
    const client = new RtmpClient(this.dial(tcUrl))
    this.#clients.push(client)
    await client.connect({ app, tcUrl, reconnect: url => Promise.resolve(this.dial(url)) })
    return client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.messages.destroy()
    await Promise.all([this.a[Symbol.asyncDispose](), this.b[Symbol.asyncDispose]()])
  }
}

/** Has a server ask all its clients to connect again; true for each that understands. */
export function request(server: TestServer, asked?: ReconnectRequest): boolean[] {
  return [...server.server.connections].map(connection => connection.requestReconnect(asked))
}
