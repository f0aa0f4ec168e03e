import { readFileSync } from 'node:fs'
import { TestServer } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import * as reports from '../support/fake-reports.ts'
import { ServerMetrics } from '../../src/metrics/index.ts'

/** All there are, by name. */
async function metricTypes(): Promise<Map<string, string>> {
  await using test = new TestServer()
  const metrics = new ServerMetrics(test.server, {
    perStream: true,
    cluster: () => ({ ...reports.cluster, connected: [] }),
  })
  try {
    return new Map((await metrics.snapshot()).metrics.map(({ name, type }) => [name, type]))
  } finally {
    metrics.close()
  }
}

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8')
}

/** Metrics that a text names, those that a histogram is made of by its own name. */
function namedIn(text: string, types: ReadonlyMap<string, string>): Set<string> {
  const names = text.match(/\b(rtmpipe|nodejs|process)_[a-z0-9_]*[a-z0-9]\b/g) ?? []
  return new Set(
    names.map(name => {
      const whole = name.replace(/_(bucket|count|sum)$/, '')
      return types.get(whole) === 'histogram' ? whole : name
    }),
  )
}

/** The expressions of a dashboard, wherever they stand. */
function expressionsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    (name === 'expr' || name === 'query') && typeof inner === 'string' ? [inner] : expressionsIn(inner),
  )
}

describe('what is shipped for monitoring', () => {
  it('asks for metrics that exist, in the dashboard of Grafana', async () => {
    const types = await metricTypes()
    const dashboard = JSON.parse(read('../../monitoring/grafana.json')) as {
      readonly panels: readonly { readonly id: number; readonly title: string }[]
    }
    const named = namedIn(expressionsIn(dashboard).join('\n'), types)
    expect([...named].filter(name => !types.has(name))).toEqual([])
    expect(named.size).toBeGreaterThan(15)
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
  })

  it('shows all of them but those of each stream', async () => {
    const types = await metricTypes()
    const named = namedIn(read('../../monitoring/grafana.json'), types)
    const missing = [...types.keys()].filter(name => !named.has(name) && !name.startsWith('rtmpipe_stream'))
    expect(missing).toEqual([])
  })

  it('asks for metrics that exist, in the alerts', async () => {
    const types = await metricTypes()
    const expressions = read('../../monitoring/alerts.yaml').match(/^ +expr: .*$/gm) ?? []
    expect(expressions.length).toBeGreaterThan(5)
    expect([...namedIn(expressions.join('\n'), types)].filter(name => !types.has(name))).toEqual([])
  })

  it('is tried by a case for each alert', () => {
    const alerts = read('../../monitoring/alerts.yaml').match(/(?<=- alert: )\w+/g) ?? []
    const cases = read('./alerts.cases.yaml')
    expect(alerts.filter(alert => !cases.includes(alert))).toEqual([])
  })

  it('is told in docs/metrics.md, each metric with its kind, and none else', async () => {
    const rows = read('../../../../docs/metrics.md').matchAll(
      /^\| `([a-z_0-9]+)(?:\{[^`]*\})?` \| (gauge|counter|histogram) \|/gm,
    )
    expect(new Map([...rows].map(([, name, type]) => [name, type]))).toEqual(await metricTypes())
  })
})
