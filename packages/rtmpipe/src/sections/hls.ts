import { dvrDefaults, hlsDefaults } from '@rtmpipe/http-view/defaults'
import type { DvrOptions, HlsOptions } from '@rtmpipe/http-view'
import type { Problem } from '../config/problem.ts'
import { object, oneOf, type SchemaNode, text, whole, yesOrNo } from '../config/schema-node.ts'
import { isOn, type ServerConfig } from './server.ts'

/** How viewers of HLS are served; `origins` is a setting of its own. */
export type HlsConfig = Omit<HlsOptions, 'origins'>

const {
  segmentDuration,
  partDuration,
  window,
  maxBytes,
  format,
  always,
  keepEnded,
  cdn,
  token,
  maxViewers,
  maxViewersPerAddress,
  maxWaiting,
} = hlsDefaults
const most = Number.MAX_SAFE_INTEGER

export const hls: SchemaNode = object<HlsConfig>('HLS and low-latency HLS of live streams on the HTTP ports', {
  segmentDuration: whole('milliseconds of a segment, which ends at the nearest keyframe', 250, 60_000, segmentDuration),
  partDuration: whole('milliseconds of a part, for low latency; 0 for segments alone', 0, 60_000, partDuration),
  window: whole('milliseconds that viewers can go back', 1_000, 86_400_000, window),
  maxBytes: whole('bytes of a stream to keep for that at most', 1024 * 1024, most, maxBytes),
  dvr: {
    ...object<DvrOptions>(
      'how far back viewers can go beyond that, and what is kept of a stream that is over; then every stream is cut',
      {
        seconds: whole('seconds that viewers can go back', 1, 2_592_000),
        folder: text('folder for what is older than hls.window, for this server alone; without it, all is in memory', {
          expected: 'a folder',
          example: 'hls',
        }),
        maxBytes: whole(
          'bytes of all streams in the folder, or of one in memory',
          1024 * 1024,
          most,
          dvrDefaults.maxBytes,
        ),
        keep: whole('seconds to keep streams in the folder that are over', 0, 315_360_000, dvrDefaults.keep),
      },
      ['seconds'],
    ),
    example: { seconds: 3_600 },
  },
  format: oneOf('how media are packed', ['fmp4', 'ts'], { default: format }),
  always: yesOrNo('cut every stream, not only those that somebody watches', always),
  keepEnded: whole('milliseconds that a stream can be watched after its end', 0, 86_400_000, keepEnded),
  cdn: yesOrNo('for a caching proxy in front: all viewers of a stream share one token', cdn),
  token: oneOf('where viewers have their token', ['query', 'cookie'], { default: token }),
  maxViewers: whole('viewers at a time', 1, most, maxViewers),
  maxViewersPerAddress: whole('viewers at a time from one address', 1, most, maxViewersPerAddress),
  maxWaiting: whole('requests that wait for what is to come', 1, most, maxWaiting),
})

/** What several workers mean for it. */
export const hlsWithWorkers: readonly { readonly settings: readonly string[]; readonly means: string }[] = [
  { settings: ['hls'], means: 'the first worker cuts the streams of all and serves their viewers' },
]

/** HLS that nobody can get at. */
export function hlsProblems({
  hls: options,
  rtmpt,
  rtmpts,
  port,
  protocols = ['http'],
  origins,
}: { readonly hls?: HlsConfig } & Required<Pick<ServerConfig, 'rtmpt' | 'rtmpts' | 'port'>> &
  Pick<ServerConfig, 'protocols' | 'origins'>): readonly Problem[] {
  if (options === undefined) return []
  if (!(isOn(rtmpt) || isOn(rtmpts) || (isOn(port) && protocols.includes('http'))))
    return [
      { path: ['hls'], text: 'HLS needs an HTTP port: set rtmpt or rtmpts, or port with http among its protocols' },
    ]
  if (options.token === 'cookie' && options.cdn === true)
    return [
      { path: ['hls', 'token'], text: 'a token that all share (hls.cdn) can not be in a cookie', shown: 'cookie' },
    ]
  if (options.token === 'cookie' && origins?.includes('*') === true)
    return [
      { path: ['hls', 'token'], text: 'browsers send no cookies where origins are *: name them', shown: 'cookie' },
    ]
  if ((options.dvr?.keep ?? 0) > 0 && options.dvr?.folder === undefined)
    return [{ path: ['hls', 'dvr', 'keep'], text: 'streams are kept in a folder: set hls.dvr.folder' }]
  const { partDuration: part = 0, segmentDuration: segment = hlsDefaults.segmentDuration } = options
  if (part !== 0 && (part < 50 || part > segment))
    return [
      {
        path: ['hls', 'partDuration'],
        text: 'expected 0, or a number from 50 to segmentDuration',
        shown: part,
      },
    ]
  return []
}
