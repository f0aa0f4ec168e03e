import type { ProcessReport, TrafficReport } from '@rtmpipe/http'
import type { JSX } from 'preact'
import { bits, bytes, count, percent, since, span } from '../format.ts'
import { confirm } from '../parts/confirm.tsx'
import { Graph } from '../parts/graph.tsx'
import { type Column, Table } from '../parts/table/table.tsx'
import { api } from '../state/api.ts'
import { now, server, serverRates } from '../state/live.ts'
import { session } from '../state/session.ts'
import { t } from '../texts/index.ts'

const graphs = [
  { key: 'cpu', format: percent },
  { key: 'memory', format: bytes, isBinary: true },
  { key: 'loopDelay', format: span },
  { key: 'incoming', format: bits },
  { key: 'outgoing', format: bits },
  { key: 'players', format: count },
] as const

/** Processes, what they need, and the way to end them gently. */
export function Server(): JSX.Element {
  const report = server.value
  void now.value
  return (
    <section class="page scrolls" aria-labelledby="title" tabIndex={0}>
      <header>
        <h1 id="title">{t('server')}</h1>
        {report && (
          <span class="quiet">
            rtmpipe {report.version} · Node {report.node} · {t('uptime')} {since(report.since, now.value)}
            {report.cluster && ` · NATS ${report.cluster.connected}/${report.cluster.connections}`}
          </span>
        )}
        {session.value?.role === 'operate' && report?.isDraining === false && (
          <button
            type="button"
            class="danger end"
            title={t('drainHint')}
            onClick={() => confirm({ text: t('drainAsk'), label: t('drain'), act: () => api.drain() })}
          >
            {t('drain')}
          </button>
        )}
      </header>
      <div class="graphs">
        {graphs.map(({ key, format, ...rest }) => (
          <section key={key} class="card">
            <h2>
              {t(key)} <strong>{format(serverRates.of(key).at(-1) ?? 0)}</strong>
            </h2>
            <Graph label={t(key)} values={serverRates.of(key).slice()} format={format} height={120} {...rest} />
          </section>
        ))}
      </div>
      <h2>{t('processes')}</h2>
      <Table
        label={t('processes')}
        columns={processColumns()}
        rows={report?.processes ?? []}
        keyOf={({ pid }) => pid}
        empty="–"
      />
      <h2>{t('transports')}</h2>
      <Table
        label={t('transports')}
        columns={trafficColumns()}
        rows={report?.traffic ?? []}
        keyOf={({ transport }) => transport}
        empty="–"
      />
    </section>
  )
}

function processColumns(): readonly Column<ProcessReport>[] {
  return [
    {
      key: 'worker',
      label: t('worker'),
      width: 6,
      grow: 1,
      cell: ({ worker }) => (worker === undefined ? t('main') : String(worker)),
    },
    { key: 'pid', label: t('pid'), width: 7, isNumber: true, cell: ({ pid }) => String(pid) },
    {
      key: 'cpu',
      label: t('cpu'),
      width: 7,
      isNumber: true,
      cell: ({ cpu }) => <span class={cpu > 0.85 ? 'bad' : ''}>{percent(cpu)}</span>,
    },
    { key: 'rss', label: t('memory'), width: 8, isNumber: true, cell: ({ rss }) => bytes(rss) },
    { key: 'heap', label: t('heap'), width: 8, isNumber: true, cell: ({ heapUsed }) => bytes(heapUsed) },
    {
      key: 'delay',
      label: t('loopDelay'),
      width: 11,
      isNumber: true,
      cell: ({ eventLoopDelay }) => <span class={eventLoopDelay > 100 ? 'bad' : ''}>{span(eventLoopDelay)}</span>,
    },
    {
      key: 'since',
      label: t('uptime'),
      width: 8,
      isNumber: true,
      cell: ({ since: begun }) => since(begun, now.value),
    },
  ]
}

function trafficColumns(): readonly Column<TrafficReport>[] {
  return [
    { key: 'transport', label: t('transport'), width: 6, grow: 1, cell: ({ transport }) => transport },
    { key: 'accepted', label: t('accepted'), width: 8, isNumber: true, cell: ({ accepted }) => count(accepted) },
    { key: 'received', label: t('received'), width: 9, isNumber: true, cell: ({ received }) => bytes(received) },
    { key: 'sent', label: t('sent'), width: 9, isNumber: true, cell: ({ sent }) => bytes(sent) },
  ]
}
