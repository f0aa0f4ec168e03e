import type { ServerView } from '@rtmpipe/session'
import { Gauge, Histogram, type Registry } from 'prom-client'
import { BoundedLabel } from './bounded-label.ts'
import { CountedGauge } from './counted-gauge.ts'
import type { Part } from './part.ts'

/** Clients choose an application before anybody has asked who they are. */
const maxApps = 100
/** Transports, and what a program calls its players without RTMP. */
const maxOutputs = 20

/** Who publishes and plays, and what waits for players. */
export class PlayPart implements Part {
  readonly #server: ServerView
  readonly #apps = new BoundedLabel(maxApps)
  readonly #outputs = new BoundedLabel(maxOutputs)
  readonly #publishers: CountedGauge<'app'>
  readonly #players: CountedGauge<'app' | 'output'>
  readonly #queued: Gauge
  readonly #lag: Histogram
  readonly #delivery: Histogram

  constructor(registry: Registry, server: ServerView) {
    const registers = [registry]
    this.#server = server
    this.#publishers = new CountedGauge({
      name: 'rtmpipe_publishers',
      help: 'Clients that publish.',
      labelNames: ['app'],
      registers,
    })
    this.#players = new CountedGauge({
      name: 'rtmpipe_players',
      help: 'Plays in progress, by the transport that they go out by.',
      labelNames: ['app', 'output'],
      registers,
    })
    this.#queued = new Gauge({
      name: 'rtmpipe_queued_bytes',
      help: 'What waits in the server for players that have not taken it.',
      registers,
    })
    this.#lag = new Histogram({
      name: 'rtmpipe_player_lag_seconds',
      help: 'How far each player lagged at each scrape.',
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    })
    this.#delivery = new Histogram({
      name: 'rtmpipe_delivery_seconds',
      help: 'From the arrival of a message until players were handed it: of the newest batch of each stream at each scrape.',
      buckets: [0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 1],
      registers,
    })
  }

  read(): void {
    for (const { app, publisher, isPublishing, deliveryDelay } of this.#server.streams) {
      if (publisher !== undefined) this.#publishers.add({ app: this.#apps.of(app) })
      if (isPublishing && deliveryDelay !== undefined) this.#delivery.observe(deliveryDelay / 1000)
    }
    let queued = 0
    for (const play of this.#server.players) {
      const { bytes, duration } = play.lag
      queued += bytes
      this.#lag.observe(duration / 1000)
      this.#players.add({ app: this.#apps.of(play.app), output: this.#outputs.of(play.connection.transport) })
    }
    this.#publishers.show()
    this.#players.show()
    this.#queued.set(queued)
  }
}
