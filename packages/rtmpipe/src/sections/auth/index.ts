import type { IpFilterOptions, PublishKeysOptions } from '@rtmpipe/plugins/auth'
import { group, type SchemaNode } from '../../config/schema-node.ts'
import { type AuthmodConfig, authmod } from './authmod.ts'
import { type HttpCallbackConfig, httpCallback } from './http-callback.ts'
import { ipFilter } from './ip-filter.ts'
import { type JwtConfig, jwt } from './jwt.ts'
import { publishKeys } from './publish-keys.ts'
import { type SignedUrlsConfig, signedUrls } from './signed-urls.ts'

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

export const auth: SchemaNode = group<AuthConfig>('who may publish and play; sections that are there must all agree', {
  ipFilter: ipFilter.schema,
  authmod: authmod.schema,
  publishKeys: publishKeys.schema,
  signedUrls: signedUrls.schema,
  jwt: jwt.schema,
  httpCallback: httpCallback.schema,
})
export type { AuthmodConfig, HttpCallbackConfig, JwtConfig, SignedUrlsConfig }
export { authmod, httpCallback, ipFilter, jwt, publishKeys, signedUrls }
