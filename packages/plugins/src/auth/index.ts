/**
 * Who may publish and play: static keys, signed URLs, JSON Web Tokens, a web server's word, addresses, and the login of
 * encoders. Each is a plugin; several are asked in the order of `use`, and all must agree. What is here keeps no users
 * and has no pages to log in.
 *
 * @example
 * ```ts
 * server.use(ipFilter({ deny: ['192.0.2.0/24'] })).use(publishKeys({ keys: ['6c1f0a'] }))
 * ```
 *
 * @packageDocumentation
 */
export type { Action } from './action.ts'
export { answerAuthmod } from './authmod/answer-authmod.ts'
export {
  AUTHMOD_OPTIONS,
  AUTHMOD_USERS,
  authmod,
  Authmod,
  type AuthmodOptions,
  type SpendChallenge,
  type Users,
} from './authmod/authmod.ts'
export type { AuthmodMethod, Credentials } from './authmod/authmod-method.ts'
export { SpentChallenges } from './authmod/spent-challenges.ts'
export {
  authmodDefaults,
  httpCallbackDefaults,
  ipFilterDefaults,
  jwtDefaults,
  publishKeysDefaults,
  signedUrlsDefaults,
} from './defaults.ts'
export type { CallbackEvent } from './http-callback/callback-event.ts'
export type { CallbackRelay, CallbackUrl, HttpCallbackOptions } from './http-callback/callback-options.ts'
export { HTTP_CALLBACK_OPTIONS, httpCallback, HttpCallback } from './http-callback/http-callback.ts'
export { IP_FILTER_OPTIONS, ipFilter, IpFilter, type IpFilterOptions } from './ip-filter.ts'
export { JWT_AUTH_FETCH, JWT_AUTH_OPTIONS, jwtAuth, JwtAuth } from './jwt/jwt-auth.ts'
export type { JwtKey, JwtOptions } from './jwt/jwt-options.ts'
export {
  PUBLISH_KEYS_OPTIONS,
  publishKeys,
  PublishKeys,
  type PublishKeysOptions,
  type StreamKey,
} from './publish-keys.ts'
export { signUrl, type SignUrlOptions } from './signed-url/sign-url.ts'
export { SIGNED_URLS_OPTIONS, signedUrls, SignedUrls, type SignedUrlsOptions } from './signed-url/signed-urls.ts'
