import { defaultAmfLimits } from '@rtmpipe/amf'
import { defaultChunkLimits } from '@rtmpipe/chunk-stream'
import {
  defaultGopCacheLimits,
  defaultLagLimits,
  defaultSessionLimits,
  defaultSharedObjectLimits,
} from '@rtmpipe/session'
import { defaultTunnelLimits } from '@rtmpipe/transport-http-tunnel'
import { defaultEndpointLimits } from '@rtmpipe/transport-rtmfp'
import { describe, expect, it } from 'vitest'
import { MarkdownFile } from './markdown.ts'

const units: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, KiB: 1024, MiB: 1024 ** 2 }

/** The tables by the name of what they describe, which stands in the paragraph before each. */
function documented(name: string): Record<string, number> {
  const { text } = new MarkdownFile('docs/limits.md')
  const [, after = ''] = text.split(`\`${name}\``)
  const [, table = ''] = /^\|.+\n\|[- |]+\n((?:\|.+\n)+)/m.exec(after) ?? []
  const rows = [...table.matchAll(/^\| `(\w+)` +\| ([\d,]+) ?(\w*) +\|/gm)]
  return Object.fromEntries(
    rows.map(({ 1: limit = '', 2: number = '', 3: unit = '' }) => [
      limit,
      Number(number.replaceAll(',', '')) * (units[unit] ?? NaN),
    ]),
  )
}

describe('docs/limits.md', () => {
  it.each(
    Object.entries({
      defaultSessionLimits,
      defaultGopCacheLimits,
      defaultLagLimits,
      defaultSharedObjectLimits,
      defaultChunkLimits,
      defaultAmfLimits,
      defaultTunnelLimits,
      defaultEndpointLimits,
    }),
  )('has every limit of %s with its default', (name, limits) => {
    expect(documented(name)).toEqual({ ...limits })
  })
})
