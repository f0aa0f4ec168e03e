import type { PluginClass } from '@rtmpipe/plugins'
import type {
  AuthmodOptions,
  HttpCallbackOptions,
  IpFilterOptions,
  JwtOptions,
  PublishKeysOptions,
  SignedUrlsOptions,
} from '@rtmpipe/plugins/auth'
import type { QuotasOptions } from '@rtmpipe/plugins/quotas'
import type { PublisherReturnOptions } from '@rtmpipe/plugins/publisher-return'
import type { RecordOptions } from '@rtmpipe/plugins/record'
import type { BackoffOptions } from '@rtmpipe/plugins/relay'
import type { VodOptions } from '@rtmpipe/plugins/vod'
import type { Plugin, SessionLimits } from '@rtmpipe/session'

// A section is the options of the plugin of its name as far as data can say them: functions have no place in JSON, in
// the environment, or in the question whether something has changed. Who needs one gives the plugin itself in `plugins`.

/** A port from 0 to 65535, where 0 takes a free one; or no such transport. */
export type Port = number | 'off'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** PEM files, read again when they change. */
export interface CertificateConfig {
  /** Certificate and its chain. */
  readonly cert: string
  /** Its private key. */
  readonly key: string
}

export interface JwtConfig extends Omit<JwtOptions, 'key'> {
  /** A shared secret, a public key as PEM, or a JSON Web Key Set by its URL. */
  readonly key: { readonly secret: string } | { readonly publicKey: string } | { readonly jwks: string }
}

export interface AuthmodConfig extends Omit<AuthmodOptions, 'users'> {
  /** Passwords by name. */
  readonly users: Readonly<Record<string, string>>
}

export type SignedUrlsConfig = Pick<SignedUrlsOptions, 'keys' | 'actions'>

export type HttpCallbackConfig = Omit<HttpCallbackOptions, 'onRelay' | 'dispatcher'>

/** Who may publish and play. Sections that are there must all agree; they are asked in this order. */
export interface AuthConfig {
  /** Addresses that may connect, and those that may not. */
  readonly ipFilter?: IpFilterOptions
  /** Login of encoders with name and password. */
  readonly authmod?: AuthmodConfig
  /** Static keys: `name?key=KEY`. */
  readonly publishKeys?: PublishKeysOptions
  /** URLs of `rtmpipe sign`. */
  readonly signedUrls?: SignedUrlsConfig
  /** JSON Web Tokens. */
  readonly jwt?: JwtConfig
  /** A web server's word. */
  readonly httpCallback?: HttpCallbackConfig
}

export type QuotasConfig = Omit<QuotasOptions, 'keyOf'>

export type PublisherReturnConfig = Omit<PublisherReturnOptions, 'mayReturn'>

export interface RecordConfig extends Pick<RecordOptions, 'dir' | 'format' | 'name' | 'segment' | 'whenSlow'> {
  /** What is recorded: everything, or what publishers ask to (publish type `record` or `append`). Default `always`. */
  readonly when?: 'always' | 'asked'
}

export type VodConfig = Omit<VodOptions, 'log'>

export interface RelayPushConfig {
  /** URLs of applications, like `rtmp://host/app`, where every stream is published under its own name. */
  readonly to: readonly string[]
  /** How long to wait after failures. */
  readonly backoff?: Partial<BackoffOptions>
}

export interface RelayPullConfig {
  /** URL of what a player asks for, with `{app}` and `{stream}`: `rtmp://origin.example/{app}/{stream}`. */
  readonly from: string
  /** Milliseconds a stream is fetched on after its last player has left. Default 10,000. */
  readonly linger?: number
  /** Streams fetched at a time. Default 1,000. */
  readonly maxStreams?: number
  /** How long to wait after failures. */
  readonly backoff?: Partial<BackoffOptions>
}

export interface RelayConfig {
  /** Publishes every stream at other servers too. */
  readonly push?: RelayPushConfig
  /** Fetches what is played here and not published here. */
  readonly pull?: RelayPullConfig
}

/** What `rtmpipe serve` is to do. Nothing is recorded, served from files or relayed elsewhere unless its section is there. */
export interface Config {
  /** Address to listen on; `0.0.0.0` or `::` for all. Default `127.0.0.1`. */
  readonly host?: string
  /** RTMP port. Default 1935. */
  readonly rtmp?: Port
  /** RTMPS port. Default 1936. */
  readonly rtmps?: Port
  /** RTMPT port (HTTP). Default 8080. */
  readonly rtmpt?: Port
  /** RTMPTS port (HTTPS). Default 8443. */
  readonly rtmpts?: Port
  /** Processes that share the work; any player sees any stream. Default 1. */
  readonly workers?: number
  /** Milliseconds that live messages are held to be sent together, at most; 0 is lowest latency. Default 20. */
  readonly mergeWindow?: number
  /** Without it a self-signed certificate is made and kept in the data folder. */
  readonly certificate?: CertificateConfig
  /** Data folder. Default `.rtmpipe`. */
  readonly data?: string
  /** Default `info`. */
  readonly logLevel?: LogLevel
  /** What one connection, and all of them together, may cost. */
  readonly sessionLimits?: Partial<SessionLimits>
  readonly auth?: AuthConfig
  /** Bitrate, viewers of a stream, streams of a key, connections of an address. */
  readonly quotas?: QuotasConfig
  /** What happens when a name is published that is published already, or was a moment ago. */
  readonly publisherReturn?: PublisherReturnConfig
  /** Records streams to files. */
  readonly record?: RecordConfig
  /** Plays files of a folder. */
  readonly vod?: VodConfig
  readonly relay?: RelayConfig
  /** Plugins of your own, as objects or classes; after `auth` and before all others. In TypeScript and JavaScript only. */
  readonly plugins?: readonly (Plugin | PluginClass)[]
}

type Defaulted = 'host' | 'rtmp' | 'rtmps' | 'rtmpt' | 'rtmpts' | 'workers' | 'mergeWindow' | 'data' | 'logLevel'

/** A configuration that has been checked, with its defaults. */
export type ServeConfig = Config & Required<Pick<Config, Defaulted>>
