import type { ServerView } from '@rtmpipe/session'
import { randomUUID } from 'node:crypto'
import { Gauge, Registry } from 'prom-client'
import { version } from '../report/version.ts'
import type { ClusterStats } from '../report/cluster.ts'
import { ClusterPart } from './cluster-part.ts'
import { ConnectionPart } from './connection-part.ts'
import { DropPart } from './drop-part.ts'
import { EventLoopPart } from './event-loop-part.ts'
import { GatePart } from './gate-part.ts'
import type { Part } from './part.ts'
import { PlayPart } from './play-part.ts'
import { ProcessPart } from './process-part.ts'
import { PublishPart } from './publish-part.ts'
import type { MetricSnapshot, MetricsSnapshot } from './snapshot.ts'
import { StreamPart } from './stream-part.ts'

/** The `Content-Type` of the text. */
export const contentType: string = Registry.PROMETHEUS_CONTENT_TYPE

/** What is shown beside the server as a whole. */
export interface ServerMetricsOptions {
  /** Show the bytes and players of each stream too. Default false: each stream makes three series. */
  readonly perStream?: boolean
  /** Streams that are shown with `perStream`, the oldest first. Default 500. */
  readonly maxStreams?: number
  /** How this process fares among many machines. Default: it is alone, and there are no series of a cluster. */
  readonly cluster?: (() => ClusterStats) | undefined
}

/**
 * The metrics of a server in this process. What the server counts itself is read at a scrape; only answers of gates are
 * gathered as they come. Nothing is shared with another server in the process.
 */
export class ServerMetrics {
  readonly #registry = new Registry()
  readonly #process: string = randomUUID()
  readonly #parts: readonly Part[]

  constructor(server: ServerView, { perStream = false, maxStreams = 500, cluster }: ServerMetricsOptions = {}) {
    const registry = this.#registry
    const build = new Gauge({
      name: 'rtmpipe_build_info',
      help: 'Versions of rtmpipe and of Node.',
      labelNames: ['version', 'node'],
      registers: [registry],
      aggregator: 'first',
    })
    build.set({ version: version(), node: process.versions.node }, 1)
    this.#parts = [
      new ConnectionPart(registry, server),
      new PlayPart(registry, server),
      new DropPart(registry, server),
      new GatePart(registry, server),
      new PublishPart(registry, server),
      ...(perStream ? [new StreamPart(registry, server, maxStreams)] : []),
      ...(cluster === undefined ? [] : [new ClusterPart(registry, cluster)]),
      new ProcessPart(registry),
      new EventLoopPart(registry),
    ]
  }

  /** All of it as Prometheus text. */
  text(): Promise<string> {
    this.#read()
    return this.#registry.metrics()
  }

  /** All of it as plain data, for the process that merges those of several. */
  async snapshot(): Promise<MetricsSnapshot> {
    this.#read()
    const metrics = (await this.#registry.getMetricsAsJSON()) as unknown as readonly MetricSnapshot[]
    return { process: this.#process, metrics }
  }

  /** Ends what it watches. */
  close(): void {
    for (const part of this.#parts) part.close?.()
  }

  #read(): void {
    for (const part of this.#parts) part.read?.()
  }
}
