import { checkOptions, type ServerView } from '@rtmpipe/session'
import { guarded } from '../house/guarded.ts'
import type { Mount } from '../mount.ts'
import type { MergedMetrics } from './merged-metrics.ts'
import type { ServerMetrics, ServerMetricsOptions } from './server-metrics.ts'
import type { MetricsSnapshot } from './snapshot.ts'

/** What {@link metrics} shows. */
export interface MetricsOptions extends Omit<ServerMetricsOptions, 'cluster'> {
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
  const inUse = new SharedMetrics()
  return guarded(async (app, { host, access, cluster }) => {
    // prom-client takes a while to load: only who shows metrics waits for it.
    const { contentType, MergedMetrics, ServerMetrics } = await import('./index.ts')
    const { own, merged } = inUse.of(host.server, server => ({
      own: new ServerMetrics(server, { ...shown, cluster }),
      merged: new MergedMetrics(),
    }))
    app.addHook('onClose', async () => inUse.release(host.server))
    app.get('/metrics', { onRequest: access.requires('view') }, async (_request, reply) => {
      const text =
        others === undefined ? await own.text() : await merged.text([await own.snapshot(), ...(await others())])
      return reply.header('content-type', contentType).send(text)
    })
  })
}

interface Made {
  readonly own: ServerMetrics
  readonly merged: MergedMetrics
}

/** Those of a server that has several ports with the same mount: whichever is asked, it is the same. */
class SharedMetrics {
  readonly #inUse = new Map<ServerView, Made & { ports: number }>()

  of(server: ServerView, make: (server: ServerView) => Made): Made {
    const known = this.#inUse.get(server) ?? { ...make(server), ports: 0 }
    known.ports += 1
    this.#inUse.set(server, known)
    return known
  }

  release(server: ServerView): void {
    const known = this.#inUse.get(server)
    if (known === undefined || (known.ports -= 1) > 0) return
    this.#inUse.delete(server)
    known.own.close()
  }
}
