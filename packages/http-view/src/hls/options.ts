import { UsageError } from '@rtmpipe/chunk-stream'
import { checkOptions } from '@rtmpipe/session'
import { isOrigin } from '@rtmpipe/transport-websocket'
import { dvrDefaults, hlsDefaults } from './defaults.ts'
import type { DvrOptions, DvrSettings, HlsOptions, HlsSettings } from './hls-options.ts'

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
  const dvr = options.dvr && dvrSettings(options.dvr)
  // Who wants to go back wants what was before somebody came.
  const always = options.always === true || dvr !== undefined
  const settings: HlsSettings = { ...hlsDefaults, ...given, dvr, always }
  if (settings.format !== 'fmp4' && settings.format !== 'ts')
    throw new UsageError('RTMP_ERR_USAGE', 'hls(): format should be fmp4 or ts')
  if (settings.token !== 'query' && settings.token !== 'cookie')
    throw new UsageError('RTMP_ERR_USAGE', 'hls(): token should be query or cookie')
  if (settings.token === 'cookie' && settings.cdn)
    throw new UsageError('RTMP_ERR_USAGE', 'hls(): a token that all share (cdn) can not be in a cookie')
  if (settings.token === 'cookie' && origins.includes('*'))
    throw new UsageError('RTMP_ERR_USAGE', "hls(): browsers send no cookies where origins are '*': name them")
  if (settings.partDuration !== 0 && settings.partDuration < 50)
    throw new UsageError('RTMP_ERR_USAGE', 'hls(): partDuration should be 0, or 50 and more')
  if (settings.partDuration > settings.segmentDuration)
    throw new UsageError('RTMP_ERR_USAGE', 'hls(): partDuration should not be longer than segmentDuration')
  return settings
}

const knownOfDvr: Record<keyof DvrOptions, true> = { seconds: true, folder: true, maxBytes: true, keep: true }

function dvrSettings(options: DvrOptions): DvrSettings {
  checkOptions('hls() dvr', options, knownOfDvr)
  const { seconds, folder, maxBytes = dvrDefaults.maxBytes, keep = dvrDefaults.keep } = options
  const numbers = { seconds: [seconds, 1], maxBytes: [maxBytes, 1024 * 1024], keep: [keep, 0] } as const
  for (const [name, [value, from]] of Object.entries(numbers))
    if (!Number.isSafeInteger(value) || value < from)
      throw new UsageError('RTMP_ERR_USAGE', `hls(): dvr.${name} should be a whole number from ${from} on`)
  if (folder !== undefined && (typeof folder !== 'string' || folder === ''))
    throw new UsageError('RTMP_ERR_USAGE', 'hls(): dvr.folder should be the path of a folder')
  if (keep > 0 && folder === undefined)
    throw new UsageError('RTMP_ERR_USAGE', 'hls(): dvr.keep needs dvr.folder, where streams are kept')
  return { seconds, folder, maxBytes, keep }
}
