import {
  type PeerRequest,
  type PlayOptions,
  type PlayStream,
  type PublishOptions,
  type PublishStream,
  type RtmpClient,
  type RtmpClientOptions,
  RtmpServer,
  type RtmpServerOptions,
} from '@rtmpipe/session'
import { messagePair } from './message-pair.ts'
import { TestClient } from './test-client.ts'

/** A client's options, and how it comes to a {@link TestServer}. */
export interface TestClientOptions extends Partial<RtmpClientOptions> {
  /** The HTTP request that it seems to have come with, as a page does; default none. */
  readonly request?: PeerRequest
}

/**
 * A server in memory with clients in memory: no socket, no port, nothing to wait for but messages.
 *
 * @example
 * ```ts
 * await using server = new TestServer({ plugins: [myPlugin] })
 * const player = await server.play('live/name')
 * const publisher = await server.publish('live/name')
 * await send(publisher, sampleStream(20))
 * const messages = await take(player, 20)
 * ```
 */
export class TestServer implements AsyncDisposable {
  /** The real one: its `streams`, `connections`, `replacePlugins` and the rest. */
  readonly server: RtmpServer
  readonly #clients: RtmpClient[] = []
  #listening: Promise<void> | undefined

  /** @param options as of a real server; without transports, and with no merge window unless one is given */
  constructor(options: Partial<Omit<RtmpServerOptions, 'transports'>> = {}) {
    this.server = new RtmpServer({ mergeWindow: 0, ...options, transports: [] })
  }

  /** Every client so far, those that have left included. */
  get clients(): readonly RtmpClient[] {
    return this.#clients
  }

  /**
   * A client connected to an application; a query may follow its name. The first one waits until the plugins have been
   * told that the server listens. @throws StatusError when it is refused
   */
  async connect(app: string, { request, ...options }: TestClientOptions = {}): Promise<RtmpClient> {
    await (this.#listening ??= this.#listen())
    const [near, far] = messagePair()
    const remote = { address: 'memory', port: 0 }
    this.server.serve(far, { transport: 'memory', secure: true, remote, ...(request && { request }) })
    const client = new TestClient(near)
    this.#clients.push(client)
    await client.connect({ app, tcUrl: `memory://server/${app}`, ...options })
    return client
  }

  /** Publishes under `app/name`, query included, from a client of its own. @throws StatusError when it is refused */
  async publish(path: string, options?: PublishOptions): Promise<PublishStream> {
    const [app, name] = split(path)
    return (await this.connect(app)).publish(name, options)
  }

  /** Plays `app/name`, query included, with a client of its own. @throws StatusError when it is refused */
  async play(path: string, options?: PlayOptions): Promise<PlayStream> {
    const [app, name] = split(path)
    return (await this.connect(app)).play(name, options)
  }

  async #listen(): Promise<void> {
    try {
      await this.server.listen()
    } catch (error) {
      // The test has had it listen, or has closed it, in which case nobody is let in.
      if ((error as { code?: unknown }).code !== 'RTMP_ERR_USAGE') throw error
    }
  }

  /** Breaks the connections of all clients, and closes the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.messages.destroy()
    await this.server.close()
  }
}

/** At the last slash before the query. */
function split(path: string): [app: string, name: string] {
  const slash = path.search(/\/[^/?]*(\?|$)/)
  return [path.slice(0, slash), path.slice(slash + 1)]
}
