import { RtmpClient, type MessageConnection } from '@rtmpipe/session'
import { messagePair, stall, type TestServer } from '@rtmpipe/testing'
import type { RelayConnect } from '../../../src/relay/index.ts'

/** The way to a server in memory, which may go dead: what is sent does not arrive, and nobody is told. */
export class Line {
  readonly #server: TestServer
  readonly #ends: MessageConnection[] = []

  constructor(server: TestServer) {
    this.#server = server
  }

  /** Connections so far. */
  get count(): number {
    return this.#ends.length
  }

  readonly connect: RelayConnect = async (tcUrl, options) => {
    const [near, far] = messagePair()
    this.#server.server.serve(far, { transport: 'memory', secure: true, remote: { address: 'memory', port: 0 } })
    this.#ends.push(far)
    const client = new RtmpClient(near)
    await client.connect({ app: new URL(tcUrl).pathname.slice(1), tcUrl, ...options })
    return client
  }

  /** Goes dead for those who are connected now. */
  goDead(): void {
    for (const end of this.#ends) stall(end)
  }
}
