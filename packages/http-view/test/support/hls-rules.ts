import HLS from 'hls-parser'
import { expect } from 'vitest'

/** A part or a segment as a playlist lists it. */
interface Listed {
  readonly duration: number
  readonly uri: string
  readonly independent?: boolean
}

interface ListedSegment extends Listed {
  readonly parts: readonly (Listed & { readonly hint?: boolean })[]
  readonly discontinuity?: boolean
  readonly programDateTime?: Date
  readonly map?: { readonly uri: string } | null
}

interface Parsed {
  readonly targetDuration: number
  readonly partTargetDuration?: number
  readonly lowLatencyCompatibility?: Readonly<Record<string, number | boolean>>
  readonly segments: readonly ListedSegment[]
  readonly endlist: boolean
}

/** Parses a media playlist and holds it against the rules of RFC 8216bis that a checker can see. */
export function checkedPlaylist(text: string): Parsed {
  HLS.setOptions({ strictMode: true })
  const playlist = HLS.parse(text) as unknown as Parsed
  const { targetDuration, partTargetDuration: partTarget = 0, segments, lowLatencyCompatibility: control } = playlist
  const complete = segments.filter(({ uri }) => uri !== '' && uri !== undefined)
  // §4.4.3.1
  for (const { duration } of complete) expect(Math.round(duration)).toBeLessThanOrEqual(targetDuration)
  const names = segments.flatMap(({ uri, parts }) => [uri, ...parts.map(part => part.uri)]).filter(Boolean)
  expect(new Set(names).size).toBe(names.length)
  for (const [place, { parts, duration, uri, programDateTime }] of segments.entries()) {
    const real = parts.filter(({ hint }) => hint !== true)
    for (const [at, part] of real.entries()) {
      // §4.4.4.9: none is longer; none is shorter than 85 % but the last of a segment.
      expect(part.duration).toBeLessThanOrEqual(partTarget + 0.000_5)
      const isLast = at === real.length - 1 && Boolean(uri)
      if (!isLast) expect(part.duration).toBeGreaterThanOrEqual(partTarget * 0.85)
    }
    if (real.length > 0 && uri) {
      const sum = real.reduce((all, part) => all + part.duration, 0)
      expect(Math.abs(sum - duration)).toBeLessThan(0.002)
    }
    const next = segments[place + 1]
    if (next === undefined || next.discontinuity === true || !next.programDateTime || !programDateTime) continue
    expect(Math.abs(next.programDateTime.getTime() - programDateTime.getTime() - duration * 1000)).toBeLessThan(3)
  }
  if (control !== undefined && control !== null) {
    expect(control['canBlockReload']).toBe(true)
    expect(control['partHoldBack']).toBeGreaterThanOrEqual(3 * partTarget - 0.001)
    expect(control['canSkipUntil']).toBeGreaterThanOrEqual(6 * targetDuration)
    expect(/HOLD-BACK=([\d.]+)$/m.exec(text.split('\n').find(line => line.includes('SERVER-CONTROL')) ?? '')).not.toBe(
      null,
    )
  }
  return playlist
}
