import { Counter, Gauge, type Registry } from 'prom-client'
import type { ClusterStats } from '../report/cluster.ts'
import type { Part } from './part.ts'

/** What has been counted since the start, and what it is. */
const counted = {
  reconnects: ['reconnects_total', 'Connections to NATS after the first ones.'],
  frozen: ['frozen_servers_total', 'Servers of NATS that were left because they had fallen silent.'],
  dropped: ['dropped_messages_total', 'Messages not sent to other machines: NATS was down, or too slow.'],
  droppedBytes: ['dropped_bytes_total', 'Bytes in messages that were not sent to other machines.'],
  late: ['late_total', 'Times that what came from another machine was too old, and thrown away.'],
  holes: ['holes_total', 'Times that messages of another machine were missing.'],
  rejoins: ['rejoins_total', 'Times that another machine was asked again for a stream.'],
  lost: ['lost_streams_total', 'Streams of other machines that were lost before their end was known.'],
} as const

/** A cluster of many machines, as this process sees it. */
export class ClusterPart implements Part {
  readonly #stats: () => ClusterStats
  readonly #connections: Gauge<'state'>
  readonly #streams: Gauge<'role'>
  readonly #counters: readonly (readonly [keyof typeof counted, Counter])[]

  constructor(registry: Registry, stats: () => ClusterStats) {
    const registers = [registry]
    this.#stats = stats
    this.#connections = new Gauge({
      name: 'rtmpipe_cluster_connections',
      help: 'Connections to NATS, that are up or down.',
      labelNames: ['state'],
      registers,
    })
    this.#streams = new Gauge({
      name: 'rtmpipe_cluster_streams',
      help: 'Streams joined from other machines, and offered to them.',
      labelNames: ['role'],
      registers,
    })
    this.#counters = Object.entries(counted).map(([stat, [name, help]]) => [
      stat as keyof typeof counted,
      new Counter({ name: `rtmpipe_cluster_${name}`, help, registers }),
    ])
  }

  read(): void {
    const stats = this.#stats()
    const up = stats.connected.filter(server => server !== undefined).length
    this.#connections.set({ state: 'up' }, up)
    this.#connections.set({ state: 'down' }, stats.connected.length - up)
    this.#streams.set({ role: 'joined' }, stats.joined)
    this.#streams.set({ role: 'offered' }, stats.offered)
    for (const [stat, counter] of this.#counters) {
      counter.reset()
      counter.inc(stats[stat])
    }
  }
}
