// Default values of options. Plain data, so that the configuration's schema can read it without loading a plugin.
import type { Action } from './action.ts'
import type { AuthmodMethod } from './authmod/authmod-method.ts'

/** Both, where a plugin guards everything unless told otherwise. */
const allActions: readonly Action[] = ['publish', 'play']

/** Defaults of `IpFilterOptions`. */
export const ipFilterDefaults: { readonly deny: readonly string[] } = { deny: [] }

/** Defaults of `AuthmodOptions`. */
export const authmodDefaults: {
  readonly method: AuthmodMethod
  readonly actions: readonly Action[]
  /** Milliseconds. */
  readonly challengeTimeout: number
  readonly maxChallenges: number
} = { method: 'adobe', actions: allActions, challengeTimeout: 30_000, maxChallenges: 10_000 }

/** Defaults of `PublishKeysOptions`, and of the keys in it. */
export const publishKeysDefaults: {
  readonly actions: readonly Action[]
  readonly parameter: string
  readonly streams: readonly string[]
} = { actions: ['publish'], parameter: 'key', streams: ['**'] }

/** Defaults of `SignedUrlsOptions`. */
export const signedUrlsDefaults: { readonly actions: readonly Action[] } = { actions: allActions }

/** Defaults of `JwtOptions`. */
export const jwtDefaults: {
  readonly actions: readonly Action[]
  readonly parameters: readonly string[]
  /** Seconds. */
  readonly clockTolerance: number
} = { actions: allActions, parameters: ['token', 'jwt'], clockTolerance: 5 }

/** Defaults of `HttpCallbackOptions`; times in milliseconds. */
export const httpCallbackDefaults: {
  readonly format: 'rtmpipe'
  readonly method: 'POST'
  readonly timeout: number
  readonly retries: number
  readonly updateInterval: number
} = { format: 'rtmpipe', method: 'POST', timeout: 3_000, retries: 1, updateInterval: 30_000 }
