import type { DiagnosticsMessages, ServerView } from '@rtmpipe/session'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Counter, type Registry } from 'prom-client'
import type { Part } from './part.ts'

/** Publishes that went on with a stream. */
export class PublishPart implements Part {
  readonly #server: ServerView
  readonly #resumed: Counter
  readonly #onStart = (message: unknown): void => this.#take(message as DiagnosticsMessages['rtmpipe:publish:start'])

  constructor(registry: Registry, server: ServerView) {
    this.#server = server
    this.#resumed = new Counter({
      name: 'rtmpipe_publish_resumed_total',
      help: 'Publishes that went on with a stream: its publisher came back, or another one took its place.',
      registers: [registry],
    })
    subscribe('rtmpipe:publish:start', this.#onStart)
  }

  close(): void {
    unsubscribe('rtmpipe:publish:start', this.#onStart)
  }

  #take({ publish }: DiagnosticsMessages['rtmpipe:publish:start']): void {
    // The channel carries those of all servers in this process.
    if (publish.isResumed && this.#server.connections.has(publish.connection)) this.#resumed.inc()
  }
}
