import type { ServerReport } from '@rtmpipe/http'
import type { JSX } from 'preact'
import { bits, bytes, count, percent, span } from '../format.ts'
import { Spark } from '../parts/spark.tsx'
import { now, server, serverRates } from '../state/live.ts'
import { t } from '../texts/index.ts'

const tiles = [
  { key: 'streams', format: count },
  { key: 'players', format: count },
  { key: 'incoming', format: bits },
  { key: 'outgoing', format: bits },
  { key: 'cpu', format: percent, isHigh: isBusy },
  { key: 'memory', format: bytes },
  { key: 'loopDelay', format: span, isHigh: isLate },
] as const

/** One process is one core at most. */
function isBusy({ processes }: ServerReport): boolean {
  return processes.some(({ cpu }) => cpu > 0.85)
}

function isLate({ processes }: ServerReport): boolean {
  return processes.some(({ eventLoopDelay }) => eventLoopDelay > 100)
}

/** The server in seven numbers. */
export function Overview(): JSX.Element {
  void now.value
  return (
    <section class="overview" aria-label={t('overview')}>
      {tiles.map(({ key, format, ...rest }) => {
        const values = serverRates.of(key)
        const newest = values.at(-1)
        const isHigh = server.value !== undefined && 'isHigh' in rest && rest.isHigh(server.value)
        return (
          <div key={key} class={isHigh ? 'tile high' : 'tile'}>
            <span class="label">{t(key)}</span>
            <span class="value">{server.value === undefined || newest === undefined ? '–' : format(newest)}</span>
            <Spark values={values} />
          </div>
        )
      })}
    </section>
  )
}
