import { expect, test } from 'vitest'
import { collectionsIn } from '../../bench/src/servers/collection.ts'

// Printed by Node 20.20.2, 22.23.3 and 24.9.0.
const node20 = `rtmpipe ready
[9655:0x3da83ee0]       16 ms: Scavenge 3.1 (4.0) -> 3.0 (5.0) MB, 0.33 / 0.00 ms  (average mu = 1.000, current mu = 1.000) external memory pressure; 
[9655:0x3da83ee0]      152 ms: Mark-Compact 13.0 (29.2) -> 11.3 (27.9) MB, 18.32 / 0.01 ms  (+ 14.0 ms in 2 steps since start of marking, biggest step 14.0 ms, walltime since start of marking 58 ms) (average mu = 0.692, current mu = 0.692) finalize incremental marking via stack guard; GC in old space requested
{"level":"info","time":"2026-01-01T00:00:00.000Z","msg":"152 ms: Mark-Compact is only said here"}
`
const node22 = `[9689:0x2aa7a000]       45 ms: Scavenge 3.6 (5.1) -> 3.5 (6.1) MB, pooled: 0 MB, 0.41 / 0.00 ms  (average mu = 1.000, current mu = 1.000) external memory pressure; 
[9689:0x2aa7a000]      730 ms: Mark-Compact (reduce) 128.3 (155.4) -> 105.3 (139.2) MB, pooled: 0 MB, 19.86 / 0.00 ms  (+ 25.4 ms in 0 steps since start of marking, biggest step 0.0 ms, walltime since start of marking 315 ms) (average mu = 0.909, current mu = 0.900) finalize incremental marking via stack guard; GC in old space requested
`
const node24 = `[9716:0x29038000]       53 ms: Mark-Compact 3.6 (5.6) -> 3.4 (6.3) MB, pooled: 0 MB, 1.78 / 0.00 ms  (+ 10.8 ms in 28 steps since start of marking, biggest step 8.9 ms, walltime since start of marking 14 ms) (average mu = 0.749, current mu = 0.749) finalize incremental marking via stack guard; GC in old space requested
`

test('finds full and other collections between what else is printed', () => {
  expect(collectionsIn(node20)).toEqual([
    { at: 16, full: false, ms: 0.33 },
    { at: 152, full: true, ms: 32.32 },
  ])
})

test('reads what newer versions of V8 print', () => {
  expect(collectionsIn(node22)).toEqual([
    { at: 45, full: false, ms: 0.41 },
    { at: 730, full: true, ms: expect.closeTo(45.26) },
  ])
  expect(collectionsIn(node24)).toEqual([{ at: 53, full: true, ms: expect.closeTo(12.58) }])
})

test('does not take a minor mark-compact for a full one', () => {
  const [minor] = collectionsIn('[1:0x2]  9 ms: Minor Mark-Compact 1.0 (2.0) -> 0.5 (2.0) MB, 1.00 / 0.00 ms  (average')
  expect(minor).toEqual({ at: 9, full: false, ms: 1 })
})
