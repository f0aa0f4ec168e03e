import type { DiagnosticsMessages, ServerView } from '@rtmpipe/session'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Counter, Histogram, type Registry } from 'prom-client'
import { BoundedLabel } from './bounded-label.ts'
import type { Part } from './part.ts'

/** Plugins may answer with codes of their own. */
const maxCodes = 50

/** How long plugins take to let somebody in, and whom they refuse. */
export class GatePart implements Part {
  readonly #server: ServerView
  readonly #seconds: Histogram<'hook' | 'result'>
  readonly #denied: Counter<'hook' | 'code'>
  readonly #codes = new BoundedLabel(maxCodes)
  readonly #onGate = (message: unknown): void => this.#take(message as DiagnosticsMessages['rtmpipe:gate'])

  constructor(registry: Registry, server: ServerView) {
    const registers = [registry]
    this.#server = server
    this.#seconds = new Histogram({
      name: 'rtmpipe_gate_seconds',
      help: 'How long a plugin took to answer a gate or commit hook.',
      labelNames: ['hook', 'result'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
      registers,
    })
    this.#denied = new Counter({
      name: 'rtmpipe_gate_denied_total',
      help: 'Answers of plugins that refused somebody, by what the client was told.',
      labelNames: ['hook', 'code'],
      registers,
    })
    subscribe('rtmpipe:gate', this.#onGate)
  }

  close(): void {
    unsubscribe('rtmpipe:gate', this.#onGate)
  }

  #take({ hook, result, code, duration, connection }: DiagnosticsMessages['rtmpipe:gate']): void {
    // The channel carries those of all servers in this process.
    if (!this.#server.connections.has(connection)) return
    this.#seconds.observe({ hook, result }, duration / 1000)
    if (code !== undefined) this.#denied.inc({ hook, code: this.#codes.of(code) })
  }
}
