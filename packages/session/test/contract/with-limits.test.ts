import { describe, expect, it } from 'vitest'
import { defaultSessionLimits, type SessionLimits } from '../../src/contract/limits.ts'
import { withLimits } from '../../src/contract/with-limits.ts'
import { RtmpServer } from '../../src/server/rtmp-server.ts'

describe('limits', () => {
  const wrong: [object, string][] = [
    [{ maxConnections: -1 }, 'limits.maxConnections: expected a number from 0 up, got -1'],
    [{ maxConnections: Number.NaN }, 'limits.maxConnections: expected a number from 0 up, got NaN'],
    [{ maxMessageLength: '8 MiB' }, 'limits.maxMessageLength: expected a number from 0 up, got 8 MiB'],
    [{ maxConnections: null }, 'limits.maxConnections: expected a number from 0 up, got null'],
    // A timer of so long is over at once.
    [{ hookTimeout: Infinity }, 'limits.hookTimeout: expected milliseconds from 0 to 2147483647, got Infinity'],
    [{ maxConnection: 5 }, 'limits: there is no option maxConnection, did you mean maxConnections?'],
  ]

  it.each(wrong)('%j are refused', (limits, message) => {
    const refusal = expect.objectContaining({ code: 'RTMP_ERR_USAGE', message })
    expect(() => withLimits<SessionLimits>(defaultSessionLimits, limits, 'limits')).toThrow(refusal)
    expect(() => new RtmpServer({ transports: [], limits })).toThrow(refusal)
  })

  it('hold where none are given, or undefined', () => {
    const limits = { maxConnections: undefined, maxNetStreams: Infinity, pingInterval: 0 } as object
    expect(withLimits(defaultSessionLimits, limits, 'limits')).toEqual({
      ...defaultSessionLimits,
      maxNetStreams: Infinity,
      pingInterval: 0,
    })
    expect(withLimits(defaultSessionLimits, undefined, 'limits')).toEqual(defaultSessionLimits)
  })

  it('of shared objects are checked as well', () => {
    const sharedObjects = { limits: { maxTotalBytes: -1 } }
    expect(() => new RtmpServer({ transports: [], sharedObjects })).toThrow('sharedObjects.limits.maxTotalBytes')
  })
})
