import { UsageError } from '@rtmpipe/chunk-stream'
import { checkOptions } from '@rtmpipe/session'
import { isOrigin } from '@rtmpipe/transport-websocket'
import { hlsDefaults } from './defaults.ts'

/** Options of {@link hls}. Times are in milliseconds. */
export interface HlsOptions {
  /**
   * Origins of the pages that may watch, `https://example.com`, or `'*'` for those of all. Default: the page's host and port
   * must be those of the stream. Players that are no browsers tell no origin, and always may.
   */
  readonly origins?: readonly string[] | '*' | undefined
  /** How long a segment should be: it ends at the keyframe that comes nearest. Default 2,000. */
  readonly segmentDuration?: number
  /** How long a part of a segment is (low-latency HLS); 0 for segments alone. Default 200. */
  readonly partDuration?: number
  /** How far back a viewer can go. Default 30,000. */
  readonly window?: number
  /** Bytes of media that a stream keeps at most, even if its window gets shorter. Default 128 MiB. */
  readonly maxBytes?: number
  /** How media are packed: `fmp4`, or `ts` (MPEG-TS) for old devices. Default `fmp4`. */
  readonly format?: 'fmp4' | 'ts'
  /** Whether streams are cut all the time. Default false: from the first viewer to the last. */
  readonly always?: boolean
  /** How long a stream that has ended can still be watched, with all of its window. Default 60,000. */
  readonly keepEnded?: number
  /**
   * For a caching proxy in front: all viewers of a stream share one token, and answers say how long they may be cached.
   * Gates are asked once for all, without the query of a viewer. Default false: each viewer has a token, and gates are asked
   * for each.
   */
  readonly cdn?: boolean
  /** Viewers at a time, those of all streams. Default 10,000. */
  readonly maxViewers?: number
  /** Viewers at a time from one address. Default 1,000. */
  readonly maxViewersPerAddress?: number
  /** Requests that wait for what does not exist yet, of all viewers. Default 20,000. */
  readonly maxWaiting?: number
}

/** Options with their defaults. */
export type HlsSettings = Required<Omit<HlsOptions, 'origins'>> & Pick<HlsOptions, 'origins'>

const known = { ...hlsDefaults, origins: true } as unknown as Record<keyof HlsOptions, true>

const least: Readonly<Partial<Record<keyof HlsOptions, number>>> = {
  segmentDuration: 250,
  partDuration: 0,
  window: 1_000,
  maxBytes: 1024 * 1024,
  keepEnded: 0,
  maxViewers: 1,
  maxViewersPerAddress: 1,
  maxWaiting: 1,
}

/** @throws UsageError `RTMP_ERR_USAGE` for options that do not exist or make no sense */
export function hlsSettings(options: HlsOptions): HlsSettings {
  checkOptions('hls()', options, known)
  const { origins = [] } = options
  for (const origin of Array.isArray(origins) ? origins : [origins])
    if (!isOrigin(origin))
      throw new UsageError('RTMP_ERR_USAGE', "hls(): origins should be '*' or a list like ['https://example.com']")
  for (const [name, value] of Object.entries(options) as [keyof HlsOptions, unknown][]) {
    const from = least[name]
    if (value === undefined || from === undefined) continue
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < from)
      throw new UsageError('RTMP_ERR_USAGE', `hls(): ${name} should be a whole number from ${from} on`)
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const settings: HlsSettings = { ...hlsDefaults, ...given }
  if (settings.format !== 'fmp4' && settings.format !== 'ts')
    throw new UsageError('RTMP_ERR_USAGE', 'hls(): format should be fmp4 or ts')
  if (settings.partDuration !== 0 && settings.partDuration < 50)
    throw new UsageError('RTMP_ERR_USAGE', 'hls(): partDuration should be 0, or 50 and more')
  if (settings.partDuration > settings.segmentDuration)
    throw new UsageError('RTMP_ERR_USAGE', 'hls(): partDuration should not be longer than segmentDuration')
  return settings
}
