import { checkOptions } from '@rtmpipe/session'
import { Registry } from 'prom-client'
import type { Mount } from '../mount.ts'
import { ServerMetrics, type ServerMetricsOptions } from './server-metrics.ts'
import { mergedMetrics, type MetricsSnapshot } from './snapshot.ts'

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
  return {
    name: 'metrics',
    async register(app, { host, reports, access }) {
      const own = new ServerMetrics(host.server, shown)
      let version: string | undefined
      app.addHook('onClose', async () => own.close())
      app.get('/metrics', { onRequest: access.requires('view') }, async (_request, reply) => {
        own.version = version ??= (await reports.server()).version
        const text = others === undefined ? await own.text() : await merged(own, await others())
        return reply.header('content-type', Registry.PROMETHEUS_CONTENT_TYPE).send(text)
      })
    },
  }
}

async function merged(own: ServerMetrics, others: readonly MetricsSnapshot[]): Promise<string> {
  return await mergedMetrics([await own.snapshot(), ...others])
}
