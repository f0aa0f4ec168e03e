import type { ServerView } from '@rtmpipe/session'
import { Gauge, type Registry } from 'prom-client'
import { BoundedLabel } from './bounded-label.ts'
import { CountedGauge } from './counted-gauge.ts'
import type { Part } from './part.ts'

/** Those of the server, and what a program calls its clients without RTMP. */
const maxTransports = 20

/** Connections, and what went over them. */
export class ConnectionPart implements Part {
  readonly #server: ServerView
  readonly #transports = new BoundedLabel(maxTransports)
  readonly #connections: CountedGauge<'transport'>
  readonly #tunnels: Gauge

  constructor(registry: Registry, server: ServerView) {
    const registers = [registry]
    this.#server = server
    this.#connections = new CountedGauge({
      name: 'rtmpipe_connections',
      help: 'Connections of clients.',
      labelNames: ['transport'],
      registers,
    })
    this.#tunnels = new Gauge({
      name: 'rtmpipe_tunnel_sessions',
      help: 'Connections that go through an HTTP tunnel (RTMPT, RTMPTS).',
      registers,
    })
  }

  read(): void {
    let tunnels = 0
    for (const { transport } of this.#server.connections) {
      if (transport.startsWith('rtmpt')) tunnels += 1
      this.#connections.add({ transport: this.#transports.of(transport) })
    }
    this.#connections.show()
    this.#tunnels.set(tunnels)
  }
}
