import type { DvrSettings, HlsSettings } from './hls-options.ts'

/** What {@link HlsOptions} are where they are not given. */
export const hlsDefaults: HlsSettings = {
  segmentDuration: 2_000,
  partDuration: 200,
  window: 30_000,
  maxBytes: 128 * 1024 * 1024,
  dvr: undefined,
  format: 'fmp4',
  always: false,
  keepEnded: 60_000,
  cdn: false,
  token: 'query',
  maxViewers: 10_000,
  maxViewersPerAddress: 1_000,
  maxWaiting: 20_000,
}

/** What {@link DvrOptions} are where they are not given. */
export const dvrDefaults: Pick<DvrSettings, 'maxBytes' | 'keep'> = { maxBytes: 10 * 1024 ** 3, keep: 0 }
