import { splitStreamUrl, type StreamAddress, type StreamKey } from '@rtmpipe/session'
import type { BackoffOptions } from '@rtmpipe/plugins/relay'
import { backoffDefaults, relayPullDefaults, relayPushDefaults } from '@rtmpipe/plugins/relay/defaults'
import {
  amount,
  either,
  group,
  list,
  object,
  type SchemaNode,
  span,
  text,
  whole,
  yesOrNo,
} from '../config/schema-node.ts'
import type { PluginSection } from './plugin-section.ts'

/** Section `relay.push`: which servers every stream is published at too. */
export interface RelayPushConfig {
  /** URLs of applications, like `rtmp://host/app`, where every stream is published under its own name. */
  readonly to?: readonly string[]
  /** Try RTMPS, RTMPTS and RTMPT too where a URL does not answer. Default false. */
  readonly fallback?: boolean
  /**
   * URL of a proxy to go by; `false` for none. Default: what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say.
   */
  readonly proxy?: string | false
  /** How long to wait after failures. */
  readonly backoff?: Partial<BackoffOptions>
  /** Pushes of a stream, with those of `to`, up to which one more may be added while it is live. Default 8. */
  readonly maxPerStream?: number
  /** Pushes of all streams up to which one more may be added. Default 1,000. */
  readonly maxPushes?: number
}

/** Section `relay.pull`: which server streams are fetched from when they are played here. */
export interface RelayPullConfig {
  /** URL of what a player asks for, with `{app}` and `{stream}`: `rtmp://origin.example/{app}/{stream}`. */
  readonly from: string
  /** Try RTMPS, RTMPTS and RTMPT too where the URL does not answer. Default false. */
  readonly fallback?: boolean
  /** Milliseconds a stream is fetched on after its last player has left. Default 10,000. */
  readonly linger?: number
  /** Streams fetched at a time. Default 1,000. */
  readonly maxStreams?: number
  /**
   * URL of a proxy to go by; `false` for none. Default: what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say.
   */
  readonly proxy?: string | false
  /** How long to wait after failures. */
  readonly backoff?: Partial<BackoffOptions>
}

/** Section `relay`: streams to and from other servers. */
export interface RelayConfig {
  /** Publishes every stream at other servers too. */
  readonly push?: RelayPushConfig
  /** Fetches what is played here and not published here. */
  readonly pull?: RelayPullConfig
}

/** Schemes that `connect` can dial. */
const origin = '^[Rr][Tt][Mm]([Pp]([Ss]|[Ee]|[Tt][SsEe]?)?|[Ff][Pp])://'

const pushedTo = "a URL like rtmp://host/app, without a stream's name"
const pulledFrom = 'a URL like rtmp://host/{app}/{stream}'

const fallback = yesOrNo('try RTMPS and RTMPTS at 443 and RTMPT at 80 too, where a URL does not answer', false)
const proxied = 'the URL of a proxy, like http://user:password@host:port or socks5h://host:1080, or false'

const proxy = either(
  'URL of a proxy to go by; false for none; without it what HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say',
  [
    text('', { pattern: '^([Hh][Tt][Tt][Pp][Ss]?|[Ss][Oo][Cc][Kk][Ss]5[Hh]?)://[^\\s/?#]+/?$', expected: proxied }),
    { ...yesOrNo(''), const: false },
  ],
  proxied,
  { secret: 'url', example: 'http://proxy.example:3128' },
)

const backoff = {
  ...object<Partial<BackoffOptions>>('how long to wait after failures', {
    min: amount('milliseconds before the second attempt, about', backoffDefaults.min),
    max: amount('milliseconds between attempts at most', backoffDefaults.max),
  }),
  example: backoffDefaults,
}

export const relayPush: PluginSection<RelayPushConfig> = {
  path: ['relay', 'push'],
  schema: object<RelayPushConfig>('publishes every stream elsewhere too', {
    to: list(
      'URLs of applications, like rtmp://host/app; each stream goes there under its own name',
      text('', {
        secret: 'url',
        // Unlike that of `pull`, it is no template.
        pattern: `${origin}(?!\\S*\\{(app|stream|name)\\})\\S+$`,
        expected: pushedTo,
      }),
      { minItems: 1, example: ['rtmp://backup.example/live'] },
    ),
    fallback,
    proxy,
    backoff,
    maxPerStream: whole(
      'pushes of a stream, up to which one more may be added while it is live',
      0,
      Number.MAX_SAFE_INTEGER,
      relayPushDefaults.maxPerStream,
    ),
    maxPushes: whole(
      'pushes of all streams, up to which one more may be added',
      0,
      Number.MAX_SAFE_INTEGER,
      relayPushDefaults.maxPushes,
    ),
  }),
  async make({ fallback = false, ...options }, { log }) {
    const [{ relayPush: push }, { connect }] = await Promise.all([
      import('@rtmpipe/plugins/relay'),
      import('../connect.ts'),
    ])
    return push({ ...options, connect: (url, others) => connect(url, { ...others, fallback }), log })
  },
  withWorkers: 'each stream is pushed once, by the worker that has its publisher',
  refusal: { path: ['relay', 'push', 'to'], text: `expected ${pushedTo}` },
}

export const relayPull: PluginSection<RelayPullConfig> = {
  path: ['relay', 'pull'],
  schema: object<RelayPullConfig>(
    'fetches what is played here and not published here',
    {
      from: text('URL of what a player asks for, with {app} and {stream}', {
        secret: 'url',
        // Players must not choose the host.
        pattern: `${origin}[^/{}\\s]+/\\S*\\{stream\\}\\S*$`,
        expected: pulledFrom,
        example: 'rtmp://origin.example/{app}/{stream}',
      }),
      fallback,
      linger: span('milliseconds a stream is fetched on after its last player has left', relayPullDefaults.linger),
      maxStreams: whole('streams fetched at a time', 1, Number.MAX_SAFE_INTEGER, relayPullDefaults.maxStreams),
      proxy,
      backoff,
    },
    ['from'],
  ),
  async make({ from: template, fallback = false, ...options }, { log, workers }) {
    const [{ relayPull: pull }, { connect }] = await Promise.all([
      import('@rtmpipe/plugins/relay'),
      import('../connect.ts'),
    ])
    checkTemplate(template)
    // Who plays what another worker publishes gets it from there, by the plugin of workers.
    const isElsewhere = async (key: StreamKey) => (await workers?.publish(key)) === true
    const from = async ({ app, streamName }: StreamKey) =>
      (await isElsewhere({ app, streamName })) ? undefined : pulledStream(template, app, streamName)
    return pull({ ...options, connect: (url, others) => connect(url, { ...others, fallback }), log, from })
  },
  refusedInCluster() {
    const text = 'would fetch what another machine of the cluster publishes: leave cluster out, or this'
    return [{ path: ['relay', 'pull'], text }]
  },
  withWorkers:
    'each worker fetches for itself what its players want, and `maxStreams` is for each; who publishes a name takes the place of what is fetched at the same worker, and at the others when their players come again',
}

export const relay: SchemaNode = group<RelayConfig>('streams between servers', {
  push: relayPush.schema,
  pull: relayPull.schema,
})

/** @throws TypeError, without the text, for a template that can give no stream's URL */
function checkTemplate(template: string): void {
  try {
    splitStreamUrl(pulledStream(template, 'app', 'name') ?? '')
  } catch {
    throw new TypeError(`from: expected ${pulledFrom}`)
  }
}

/**
 * What the template makes of a player's wish. Where the name is the end of its path, in two parts: a slash in a name is
 * none between name and application. Nothing for names that would be more than a part of the path: a query alone fits
 * where nothing stands behind it. What is put into the query of the template is encoded, so that it stays one parameter.
 */
export function pulledStream(template: string, app: string, streamName: string): string | StreamAddress | undefined {
  const isQuery = streamName.startsWith('?') && /^[^?#]*\/\{stream\}$/.test(template)
  if (/[?#]/.test(app + (isQuery ? '' : streamName))) return undefined
  const filled = (text: string, encode = (value: string) => value) =>
    text.replace(/\{(app|stream)\}/g, (_, name) => encode(name === 'app' ? app : streamName))
  const [path = ''] = template.split(/[?#]/, 1)
  const query = filled(template.slice(path.length), encodeURIComponent)
  const [, above] = /^([^:]+:\/\/[^/]+\/.*[^/])\/\{stream\}$/.exec(path) ?? []
  return above === undefined ? filled(path) + query : { app: filled(above), name: streamName + query }
}
