import type { HlsSettings } from './hls-options.ts'

/** What {@link HlsOptions} are where they are not given. */
export const hlsDefaults: HlsSettings = {
  segmentDuration: 2_000,
  partDuration: 200,
  window: 30_000,
  maxBytes: 128 * 1024 * 1024,
  format: 'fmp4',
  always: false,
  keepEnded: 60_000,
  cdn: false,
  maxViewers: 10_000,
  maxViewersPerAddress: 1_000,
  maxWaiting: 20_000,
}
