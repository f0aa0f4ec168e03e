import { describe, expect, it } from 'vitest'
import { sharesUdp } from '../../../src/serve/transports.ts'

describe.runIf(process.platform === 'linux')('several workers share a port of UDP', () => {
  it.each([
    ['22.11.0', false],
    ['22.12.0', true],
    ['22.23.3', true],
    ['23.0.0', false],
    ['23.1.0', true],
    ['24.0.0', true],
    ['20.20.2', false],
  ])('by Node %s: %s', (version, isShared) => {
    expect(sharesUdp(1935, version)).toBe(isShared)
    expect(sharesUdp(0, version)).toBe(false)
  })
})
