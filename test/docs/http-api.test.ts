import { describe, expect, it } from 'vitest'
import { filters } from '../../packages/http/src/api/filters.ts'
import { highestLimit, usualLimit } from '../../packages/http/src/api/routes/collection.ts'
import { maxEventBytes, maxEventClients } from '../../packages/http/src/api/routes/events.ts'
import { bodyLimit } from '../../packages/http/src/api/serve-api.ts'
import { serverEvent } from '../../packages/http/src/api/schema/reports.ts'
import document from '../../docs/api-v1.json' with { type: 'json' }
import { MarkdownFile } from './markdown.ts'

const { text } = new MarkdownFile('docs/http-api.md')

describe('docs/http-api.md', () => {
  it('has every list with what it can be picked by', () => {
    const rows = [...text.matchAll(/^\| `\/api\/v1\/(\w+)` \| [^|]+ \|([^|]*)\|$/gm)].map(([, name, picks = '']) => [
      name,
      [...picks.matchAll(/`(\w+)`/g)].map(([, pick]) => pick),
    ])
    expect(Object.fromEntries(rows)).toEqual({ server: [], configuration: [], ...filters })
  })

  it('has every action', () => {
    const rows = [...text.matchAll(/^\| `(DELETE|POST|PATCH) (\S+)` \|.*\| (\d+).* \|$/gm)]
    const documented = rows.map(([, method, path = '', status]) => `${method} ${path} ${status}`)
    const served = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations as Record<string, { responses: object }>)
        .filter(([method]) => method !== 'get')
        .map(([method, { responses }]) => `${method.toUpperCase()} ${shortened(path)} ${Object.keys(responses)[0]}`),
    )
    expect(documented.sort()).toEqual(served.sort())
  })

  it('has every type of event', () => {
    const [, sentence = ''] = /Types are ([^]*?)\. `\?type=`/.exec(text) ?? []
    expect([...sentence.matchAll(/`([\w.]+)`/g)].map(([, type]) => type)).toEqual(
      serverEvent.properties?.['type']?.enum,
    )
  })

  it('has the limits', () => {
    const rows = [...text.matchAll(/^\| ([\d,]+)( [KM]iB)? \| (entries|a body|clients|events)/gm)]
    const units: Readonly<Record<string, number>> = { ' KiB': 1024, ' MiB': 1024 ** 2 }
    expect(
      Object.fromEntries(
        rows.map(([, number = '', unit = '', what]) => [what, Number(number.replace(',', '')) * (units[unit] ?? 1)]),
      ),
    ).toEqual({ entries: highestLimit, 'a body': bodyLimit, clients: maxEventClients, events: maxEventBytes })
    expect(text).toContain(`An answer has ${usualLimit.toLocaleString('en')} items`)
  })
})

function shortened(path: string): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase())
}
