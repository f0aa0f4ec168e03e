import type { HttpPlugin, Mount, TunnelOptions } from '@rtmpipe/http'
import type { Transport } from '@rtmpipe/session'
import type { MachineTunnels } from '../../machine-tunnels.ts'
import { serveHouse } from './house-server.ts'
import { toFirstWorker } from './to-first-worker.ts'
import type { HttpPort, WorkerSockets } from './worker-sockets.ts'

/** How a worker shares its HTTP ports: any takes a request, and each is answered by the worker that can. */
export class HttpOfWorker {
  readonly #sockets: WorkerSockets
  readonly #machine: MachineTunnels | undefined
  /** The first worker has the house. */
  readonly hasHouse: boolean

  /** @param machine the way to the workers of other machines, if there are any */
  constructor(sockets: WorkerSockets, slot: number, machine?: MachineTunnels) {
    this.#sockets = sockets
    this.#machine = machine
    this.hasHouse = slot === 0
  }

  /** What is reachable on a port, given what the house has, and what each worker has. */
  mounts(port: HttpPort, ofHouse: readonly Mount[], own: readonly Mount[]): readonly Mount[] {
    return [...own, ...(this.hasHouse ? ofHouse : [toFirstWorker(this.#sockets.houseOf(port))])]
  }

  /** The tunnel on a port, and what others hand over. */
  async open(port: HttpPort, plugin: HttpPlugin, limits: Pick<TunnelOptions, 'mergeWindow'>): Promise<Transport> {
    const { ColleagueServer, UnixColleagues } = await import('@rtmpipe/transport-http-tunnel/server')
    const name = this.#sockets.nameOf(port)
    const near = new UnixColleagues(this.#sockets.pathOf)
    const tunnel = plugin.tunnel({ ...limits, name, colleagues: near, ...this.#machine?.optionsOf(port, near) })
    const server = await ColleagueServer.listen(this.#sockets.pathOf(name), request => tunnel.take(request))
    server.unref()
    if (this.hasHouse) await serveHouse(this.#sockets.houseOf(port), plugin.answer)
    return tunnel
  }
}
