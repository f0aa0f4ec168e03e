import type { PluginClass } from '@rtmpipe/plugins'
import type { Plugin, SessionLimits } from '@rtmpipe/session'
import { object, type SchemaNode } from '../config/schema-node.ts'
import { arrival, type ArrivalConfig } from './arrival.ts'
import { type AuthConfig, auth, authmod, httpCallback, ipFilter, jwt, publishKeys, signedUrls } from './auth/index.ts'
import { type CertificateConfig, certificate } from './certificate.ts'
import { cluster, type ClusterConfig } from './cluster.ts'
import { hls, type HlsConfig } from './hls.ts'
import { metrics, type MetricsConfig, statsCompat, type TokenConfig, tokens } from './http.ts'
import type { PluginSection } from './plugin-section.ts'
import { httpFlv, type HttpFlvConfig } from './http-view.ts'
import { type PublisherReturnConfig, publisherReturn } from './publisher-return.ts'
import { type QuotasConfig, quotas } from './quotas.ts'
import { type RecordConfig, record } from './record.ts'
import { type RelayConfig, relay, relayPull, relayPush } from './relay.ts'
import { type ServerConfig, serverSettings } from './server.ts'
import { sessionLimits } from './session-limits.ts'
import { type VodConfig, vod } from './vod.ts'

// A section is the options of the plugin of its name as far as data can say them: functions have no place in JSON, in
// the environment, or in the question whether something has changed. Who needs one gives the plugin itself in `plugins`.

/** What `rtmpipe serve` is to do. Nothing is recorded, served from files or relayed elsewhere unless its section is there. */
export interface Config extends ServerConfig, ArrivalConfig, TokenConfig {
  /** Without it a self-signed certificate is made and kept in the data folder. */
  readonly certificate?: CertificateConfig
  /** What `GET /metrics` shows. */
  readonly metrics?: MetricsConfig
  /** Answer scripts that were written for nginx-rtmp, SRS, MediaMTX or Node-Media-Server. Default false. */
  readonly statsCompat?: boolean
  /** HLS and low-latency HLS of live streams on the HTTP ports. */
  readonly hls?: HlsConfig
  /** Viewers of FLV, at `/APP/NAME.flv` over HTTP and WebSocket. */
  readonly httpFlv?: HttpFlvConfig
  /** What one connection, and all of them together, may cost. */
  readonly sessionLimits?: Partial<SessionLimits>
  /** Who may publish and play. Default everybody. */
  readonly auth?: AuthConfig
  /** Bitrate, viewers of a stream, streams of a key, connections of an address. */
  readonly quotas?: QuotasConfig
  /** What happens when a name is published that is published already, or was a moment ago. */
  readonly publisherReturn?: PublisherReturnConfig
  /** Records streams to files. */
  readonly record?: RecordConfig
  /** Plays files of a folder. */
  readonly vod?: VodConfig
  /** Publishes streams at other servers too, and fetches streams from there. */
  readonly relay?: RelayConfig
  /** Many machines with one set of streams. */
  readonly cluster?: ClusterConfig
  /** Plugins of your own, as objects or classes; after `auth` and before all others. In TypeScript and JavaScript only. */
  readonly plugins?: readonly (Plugin | PluginClass)[]
}

/** A configuration that has been checked, with its defaults. */
export type ServeConfig = Config & Required<Omit<ServerConfig, 'protocols' | 'origins' | 'rtmfpPublic' | 'rtmfpKeylog'>>

/** All that can be set by data: everything but `plugins`. */
export const schema: SchemaNode = object<Omit<Config, 'plugins'>>('configuration of rtmpipe serve', {
  ...serverSettings,
  ...arrival,
  certificate,
  ...tokens,
  metrics,
  statsCompat,
  httpFlv,
  hls,
  sessionLimits,
  auth,
  quotas: quotas.schema,
  publisherReturn: publisherReturn.schema,
  record: record.schema,
  vod: vod.schema,
  relay,
  cluster,
})

/**
 * Who is asked, one after another. `plugins` are the user's own: behind those that say who may, before those that count
 * what they may have renamed. `workers` makes one server of several processes. Behind it stand those that send, keep and
 * supply what the rest has agreed to.
 */
export const asked: readonly (PluginSection | 'plugins' | 'workers')[] = [
  ipFilter,
  authmod,
  publishKeys,
  signedUrls,
  jwt,
  httpCallback,
  'plugins',
  quotas,
  publisherReturn,
  'workers',
  relayPush,
  record,
  vod,
  relayPull,
]

/** Those of {@link asked} that are sections. */
export const pluginSections: readonly PluginSection[] = asked.filter(one => typeof one === 'object')

/** What a server that runs keeps as it is. */
export const fixed: readonly (keyof Config)[] = [
  'host',
  'rtmp',
  'rtmps',
  'rtmpt',
  'rtmpts',
  'rtmfp',
  'rtmfpPublic',
  'rtmfpKeylog',
  'websocket',
  'origins',
  'port',
  'protocols',
  'tlsMax',
  'tlsCompat',
  'web',
  'trustProxy',
  'proxyProtocol',
  'workers',
  'mergeWindow',
  'publishWait',
  'data',
  'metrics',
  'statsCompat',
  'hls',
  'httpFlv',
  'sessionLimits',
  'cluster',
]

export type {
  AuthmodConfig,
  HttpCallbackConfig,
  JwtConfig,
  SignedUrlsConfig,
} from './auth/index.ts'
export type { RelayPullConfig, RelayPushConfig } from './relay.ts'
export type { LogLevel, Port } from './server.ts'
export type {
  ArrivalConfig,
  AuthConfig,
  CertificateConfig,
  ClusterConfig,
  HlsConfig,
  HttpFlvConfig,
  MetricsConfig,
  PublisherReturnConfig,
  QuotasConfig,
  RecordConfig,
  RelayConfig,
  ServerConfig,
  TokenConfig,
  VodConfig,
}
