import type { BitrateQuota, ConnectionQuota } from '@rtmpipe/plugins/quotas'
import type { RecordSegment } from '@rtmpipe/plugins/record'
import type { BackoffOptions } from '@rtmpipe/plugins/relay'
import type {
  QuotasConfig,
  PublisherReturnConfig,
  RecordConfig,
  RelayConfig,
  RelayPullConfig,
  RelayPushConfig,
  VodConfig,
} from './config.ts'
import { amount, either, list, object, oneOf, type SchemaNode, span, text, whole, yesOrNo } from './schema-node.ts'

const most = Number.MAX_SAFE_INTEGER

export const quotas: SchemaNode = object<QuotasConfig>('rules of yours; who is over one is told which', {
  bitrate: either(
    'bits per second of one publisher',
    [
      amount(''),
      object<BitrateQuota>(
        '',
        {
          bitsPerSecond: amount('bits per second of one publisher, on average'),
          window: amount('milliseconds over which it is measured', 5_000),
        },
        ['bitsPerSecond'],
      ),
    ],
    'a number of bits per second, more than 0',
    { example: 6_000_000 },
  ),
  viewersPerStream: { ...whole('who may play a stream at a time', 0, most), example: 500 },
  streamsPerKey: { ...whole('streams published at a time with the same key', 0, most), example: 1 },
  connectionsPerAddress: either(
    'connections of an address at a time',
    [
      whole('', 0, most),
      object<ConnectionQuota>(
        '',
        {
          connections: whole('connections of an IPv4 address, or of an IPv6 network, at a time', 0, most),
          ipv6Prefix: whole('bits of an IPv6 address that count', 1, 128, 64),
        },
        ['connections'],
      ),
    ],
    'a whole number from 0',
    { example: 20 },
  ),
})

export const publisherReturn: SchemaNode = object<PublisherReturnConfig>(
  'what happens when a name is published that is published already, or was a moment ago',
  {
    policy: oneOf('what becomes of the newcomer', ['refuse', 'takeover', 'resume'], { example: 'resume' }),
    grace: span('milliseconds that players wait for the next publisher, with resume', 10_000),
  },
  ['policy'],
)

export const record: SchemaNode = object<RecordConfig>(
  'records streams to files',
  {
    dir: text('folder for recordings', { expected: 'a folder', example: 'recordings' }),
    format: oneOf('format of the files', ['flv', 'mp4'], { default: 'flv' }),
    name: text('path below dir, without extension; with {app}, {stream}, {date}, {day}, {time}, {counter}', {
      default: '{app}/{stream}-{date}',
    }),
    segment: {
      ...object<RecordSegment>('when it goes on in a new file; whichever comes first', {
        duration: amount('milliseconds of media in a file'),
        bytes: amount('bytes of a file'),
        atKeyframe: yesOrNo('a new file at every keyframe', false),
      }),
      example: { duration: 600_000 },
    },
    when: oneOf('what is recorded, everything or what publishers ask to', ['always', 'asked'], { default: 'always' }),
    whenSlow: oneOf('what happens when the disk is slower than the stream', ['backpressure', 'drop'], {
      default: 'backpressure',
    }),
  },
  ['dir'],
)

export const vod: SchemaNode = object<VodConfig>(
  'plays the FLV and MP4 files of a folder',
  {
    dir: text('folder of the files', { expected: 'a folder', example: 'videos' }),
    app: text('application they are played from', { default: 'vod' }),
    cacheSize: whole('bytes of files to keep in memory', 1024 * 1024, most, 64 * 1024 * 1024),
  },
  ['dir'],
)

const backoff = object<Partial<BackoffOptions>>('how long to wait after failures', {
  min: amount('milliseconds before the second attempt, about', 1_000),
  max: amount('milliseconds between attempts at most', 30_000),
})

export const relay: SchemaNode = object<RelayConfig>('streams between servers', {
  push: object<RelayPushConfig>(
    'publishes every stream elsewhere too',
    {
      to: list(
        'URLs of applications, like rtmp://host/app; each stream goes there under its own name',
        text('', {
          secret: 'url',
          pattern: '^[A-Za-z]+://\\S+$',
          expected: "a URL like rtmp://host/app, without a stream's name",
        }),
        { minItems: 1, example: ['rtmp://backup.example/live'] },
      ),
      backoff: { ...backoff, example: { min: 1_000, max: 30_000 } },
    },
    ['to'],
  ),
  pull: object<RelayPullConfig>(
    'fetches what is played here and not published here',
    {
      from: text('URL of what a player asks for, with {app} and {stream}', {
        secret: 'url',
        // Players must not choose the host.
        pattern: '^[A-Za-z]+://[^/{}\\s]+/\\S*\\{stream\\}\\S*$',
        expected: 'a URL like rtmp://host/{app}/{stream}',
        example: 'rtmp://origin.example/{app}/{stream}',
      }),
      linger: span('milliseconds a stream is fetched on after its last player has left', 10_000),
      maxStreams: whole('streams fetched at a time', 1, most, 1_000),
      backoff: { ...backoff, example: { min: 1_000, max: 30_000 } },
    },
    ['from'],
  ),
})
