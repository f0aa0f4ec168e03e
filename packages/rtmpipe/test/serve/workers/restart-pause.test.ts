import { describe, expect, it } from 'vitest'
import { RestartPause } from '../../../src/serve/workers/restart-pause.ts'

describe('the pause before a worker is started again', () => {
  it('grows while workers die soon, up to 30 seconds', () => {
    const pause = new RestartPause()
    const pauses = Array.from({ length: 8 }, () => pause.after(29_999))
    expect(pauses).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })

  it('begins anew after one that has lived for a while', () => {
    const pause = new RestartPause()
    for (let round = 0; round < 5; round += 1) pause.after(0)
    expect([30_000, 0, 0].map(life => pause.after(life))).toEqual([0, 1_000, 2_000])
  })
})
