import type { ServerView } from '@rtmpipe/session'
import { Counter, Gauge, type Registry } from 'prom-client'
import { BoundedLabel } from './bounded-label.ts'
import { CountedGauge } from './counted-gauge.ts'
import type { Part } from './part.ts'

/** Those of the server, and what a program calls its clients without RTMP. */
const maxTransports = 20

/** Connections, and what came and went over them. */
export class ConnectionPart implements Part {
  readonly #server: ServerView
  readonly #transports = new BoundedLabel(maxTransports)
  readonly #connections: CountedGauge<'transport'>
  readonly #accepted: Counter<'transport'>
  readonly #closed: Counter<'transport' | 'code'>
  readonly #received: Counter<'transport'>
  readonly #sent: Counter<'transport'>
  readonly #tunnels: Gauge

  constructor(registry: Registry, server: ServerView) {
    const registers = [registry]
    const byTransport = (name: string, help: string): Counter<'transport'> =>
      new Counter({ name, help, labelNames: ['transport'], registers })
    this.#server = server
    this.#connections = new CountedGauge({
      name: 'rtmpipe_connections',
      help: 'Connections of clients.',
      labelNames: ['transport'],
      registers,
    })
    this.#accepted = byTransport('rtmpipe_connections_total', 'Connections that were accepted.')
    this.#closed = new Counter({
      name: 'rtmpipe_connections_closed_total',
      help: 'Connections that have ended, by the code of their error, or none.',
      labelNames: ['transport', 'code'],
      registers,
    })
    this.#received = byTransport('rtmpipe_received_bytes_total', 'Bytes received from clients.')
    this.#sent = byTransport('rtmpipe_sent_bytes_total', 'Bytes sent to clients.')
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
    this.#tunnels.set(tunnels)
    for (const counter of [this.#accepted, this.#closed, this.#received, this.#sent]) counter.reset()
    for (const [name, { accepted, received, sent, closed }] of this.#server.traffic) {
      const transport = this.#transports.of(name)
      this.#connections.add({ transport }, 0)
      this.#accepted.inc({ transport }, accepted)
      this.#received.inc({ transport }, received)
      this.#sent.inc({ transport }, sent)
      for (const [code, count] of closed) this.#closed.inc({ transport, code: code || 'none' }, count)
    }
    this.#connections.show()
  }
}
