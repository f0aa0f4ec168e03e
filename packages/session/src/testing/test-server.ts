import { RtmpClient } from '../client/rtmp-client.ts'
import type { PlayOptions, PlayStream } from '../client/play-stream.ts'
import type { PublishOptions, PublishStream } from '../client/publish-stream.ts'
import type { Plugin } from '../plugin.ts'
import { RtmpServer, type RtmpServerOptions } from '../server/rtmp-server.ts'
import { messagePair } from './message-pair.ts'

/**
 * A server in memory with clients in memory: no socket, no port, nothing to wait for but messages.
 *
 * @example
 * ```ts
 * await using server = new TestServer({ plugins: [myPlugin] })
 * const publisher = await server.publish('live/name')
 * const player = await server.play('live/name')
 * publisher.write(samples.keyframe(0))
 * const [message] = await take(player, 1)
 * ```
 */
export class TestServer implements AsyncDisposable {
  readonly server: RtmpServer
  readonly #clients: RtmpClient[] = []

  constructor(options: Partial<RtmpServerOptions> & { readonly plugins?: readonly Plugin[] } = {}) {
    this.server = new RtmpServer({ mergeWindow: 0, ...options, transports: [] })
  }

  /** A client connected to an application. @throws StatusError when it is refused */
  async connect(app: string): Promise<RtmpClient> {
    const [near, far] = messagePair()
    this.server.serve(far, { transport: 'memory', secure: true, remote: { address: 'memory', port: 0 } })
    const client = new RtmpClient(near)
    this.#clients.push(client)
    await client.connect({ app, tcUrl: `memory://server/${app}` })
    return client
  }

  /** Publishes under `app/name` from a client of its own. @throws StatusError when it is refused */
  async publish(path: string, options?: PublishOptions): Promise<PublishStream> {
    const [app, name] = split(path)
    return (await this.connect(app)).publish(name, options)
  }

  /** Plays `app/name` with a client of its own. @throws StatusError when it is refused */
  async play(path: string, options?: PlayOptions): Promise<PlayStream> {
    const [app, name] = split(path)
    return (await this.connect(app)).play(name, options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.messages.destroy()
    await this.server.close()
  }
}

function split(path: string): [app: string, name: string] {
  const slash = path.search(/\/[^/]*$/)
  return [path.slice(0, slash), path.slice(slash + 1)]
}
