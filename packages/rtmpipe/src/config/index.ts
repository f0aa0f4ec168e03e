/**
 * The configuration file of `rtmpipe serve`.
 *
 * @example
 * ```ts
 * // rtmpipe.config.ts
 * import { defineConfig } from 'rtmpipe/config'
 *
 * export default defineConfig({ auth: { publishKeys: { keys: ['6c1f0a'] } }, record: { dir: 'recordings' } })
 * ```
 *
 * It reads and checks nothing: the command does.
 *
 * @packageDocumentation
 */
export type {
  AuthConfig,
  AuthmodConfig,
  CertificateConfig,
  Config,
  HttpCallbackConfig,
  JwtConfig,
  QuotasConfig,
  LogLevel,
  Port,
  PublisherReturnConfig,
  RecordConfig,
  RelayConfig,
  RelayPullConfig,
  RelayPushConfig,
  SignedUrlsConfig,
  VodConfig,
} from './config.ts'
export { defineConfig } from './define-config.ts'
