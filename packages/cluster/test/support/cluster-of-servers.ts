import { cluster, type Fabric } from '@rtmpipe/cluster'
import type { FabricSubject } from '@rtmpipe/cluster/testing'
import type { RtmpServerOptions } from '@rtmpipe/session'
import { TestServer } from '@rtmpipe/testing'

/** Servers in memory, each with a fabric of its own in one network. */
export class ClusterOfServers implements AsyncDisposable {
  readonly #network: FabricSubject
  readonly #servers: TestServer[] = []

  constructor(network: FabricSubject) {
    this.#network = network
  }

  async server(options: Partial<RtmpServerOptions> = {}): Promise<TestServer> {
    return this.serverWith(await this.#network.open(), options)
  }

  serverWith(fabric: Fabric, { plugins = [], ...options }: Partial<RtmpServerOptions> = {}): TestServer {
    const server = new TestServer({ ...options, plugins: [...plugins, cluster(fabric)] })
    this.#servers.push(server)
    return server
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map(server => server[Symbol.asyncDispose]()))
    await this.#network.dispose?.()
  }
}
