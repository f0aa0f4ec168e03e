import { checkOptions, type ServerView } from '@rtmpipe/session'
import type { Mount } from '../mount.ts'
import type { ServerMetrics, ServerMetricsOptions } from './server-metrics.ts'
import type { MetricsSnapshot } from './snapshot.ts'

/** What {@link metrics} shows. */
export interface MetricsOptions extends ServerMetricsOptions {
  /** Asked at each scrape for the metrics of the other processes of this server, which are added to those of this one. */
  readonly others?: () => Promise<readonly MetricsSnapshot[]>
}

/** A record, so that the compiler finds an option that is missing here. */
const known: Record<keyof MetricsOptions, true> = { perStream: true, maxStreams: true, others: true }

/**
 * `GET /metrics` for Prometheus, for whom has the role `view`: Prometheus sends a token with `authorization`.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that are none
 */
export function metrics(options: MetricsOptions = {}): Mount {
  checkOptions('metrics()', options, known)
  const { others, ...shown } = options
  const inUse = new SharedMetrics(shown)
  return {
    name: 'metrics',
    async register(app, { host, access }) {
      // prom-client takes a while to load: only who shows metrics waits for it.
      const { contentType, mergedMetrics, ServerMetrics } = await import('./index.ts')
      const own = inUse.of(host.server, ServerMetrics)
      app.addHook('onClose', async () => inUse.release(host.server))
      app.get('/metrics', { onRequest: access.requires('view') }, async (_request, reply) => {
        const text =
          others === undefined ? await own.text() : await mergedMetrics([await own.snapshot(), ...(await others())])
        return reply.header('content-type', contentType).send(text)
      })
    },
  }
}

/** Those of a server that has several ports with the same mount: whichever is asked, it is the same. */
class SharedMetrics {
  readonly #options: ServerMetricsOptions
  readonly #inUse = new Map<ServerView, { readonly metrics: ServerMetrics; ports: number }>()

  constructor(options: ServerMetricsOptions) {
    this.#options = options
  }

  of(server: ServerView, Metrics: typeof ServerMetrics): ServerMetrics {
    const known = this.#inUse.get(server) ?? { metrics: new Metrics(server, this.#options), ports: 0 }
    known.ports += 1
    this.#inUse.set(server, known)
    return known.metrics
  }

  release(server: ServerView): void {
    const known = this.#inUse.get(server)
    if (known === undefined || (known.ports -= 1) > 0) return
    this.#inUse.delete(server)
    known.metrics.close()
  }
}
