import type { MetricsSnapshot, Outcome, Reports, ReportQuestion, ServerEvent } from '@rtmpipe/http'
import type * as Http from '@rtmpipe/http'
import type * as Metrics from '@rtmpipe/http/metrics'
import type { Host } from '@rtmpipe/session'
import type { ServeConfig } from '../../sections/index.ts'
import type { HouseContext } from '../house.ts'
import type { MachineTunnels } from '../machine-tunnels.ts'
import type { Colleagues } from './colleagues.ts'
import { HttpOfWorker } from './http/http-of-worker.ts'
import type { WorkerSockets } from './http/worker-sockets.ts'

/** Events of a worker are told together. Milliseconds. */
const gathering = 100

/** The first worker has the house and asks the others, which answer and tell it what happens. */
export async function houseOfWorker(
  colleagues: Colleagues,
  slot: number,
  sockets: WorkerSockets,
  config: ServeConfig,
  machine: MachineTunnels | undefined,
  cluster: HouseContext['cluster'],
): Promise<HouseContext> {
  const [http, metrics] = await Promise.all([import('@rtmpipe/http'), import('@rtmpipe/http/metrics')])
  return {
    worker: slot,
    cluster,
    shared: new HttpOfWorker(sockets, slot, machine),
    machine,
    metricsOfOthers: async () => (await colleagues.ask('metrics', {})) as readonly MetricsSnapshot[],
    reports: (own, host) => {
      if (slot === 0) return reportsOfAll(http, own, colleagues)
      giveMetrics(metrics, host, colleagues, { ...config.metrics, cluster })
      return reportToFirst(http, own, slot, colleagues)
    },
  }
}

function reportsOfAll({ SeveralReports }: typeof Http, own: Reports, colleagues: Colleagues): Reports {
  return new SeveralReports(own, 0, {
    ask: question => colleagues.ask('report', question),
    steer: async act => {
      const [outcome] = await colleagues.ask(act.act, act, 'primary')
      return outcome as Outcome
    },
    follow: told => {
      colleagues.listen('events', events => {
        for (const event of events as readonly ServerEvent[]) told.event(event)
      })
      colleagues.listen('lost', worker => told.lost(worker as number))
    },
  })
}

function reportToFirst({ answerQuestion }: typeof Http, own: Reports, slot: number, colleagues: Colleagues): Reports {
  colleagues.answer('report', question => answerQuestion(own, slot, question as ReportQuestion))
  let gathered: ServerEvent[] = []
  own.follow(event => {
    gathered.push(event)
    if (gathered.length > 1) return
    setTimeout(() => {
      colleagues.tell('events', gathered)
      gathered = []
    }, gathering).unref()
  })
  return own
}

/** As those of `GET /metrics`, which the first worker adds up. */
function giveMetrics(
  { ServerMetrics }: typeof Metrics,
  host: Host,
  colleagues: Colleagues,
  options: Metrics.ServerMetricsOptions,
): void {
  const metrics = new ServerMetrics(host.server, options)
  host.signal.addEventListener('abort', () => metrics.close(), { once: true })
  colleagues.answer('metrics', () => metrics.snapshot())
}
