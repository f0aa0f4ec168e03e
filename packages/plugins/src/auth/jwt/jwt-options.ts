import type { KeyObject } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'
import type { Action } from '../action.ts'

/**
 * What tokens are signed with: a shared secret, a key pair of which we know the public key, or a set of keys, by its
 * URL or as a value.
 */
export type JwtKey =
  | { readonly secret: string }
  /** PEM (SPKI or certificate) or a key. */
  | { readonly publicKey: string | KeyObject }
  /**
   * A JSON Web Key Set. By URL it is fetched when needed, and again for a key it does not have, at most every 30
   * seconds.
   */
  | { readonly jwks: string | URL | JSONWebKeySet }

/** Which tokens are accepted, and which actions need one. */
export interface JwtOptions {
  /** What they are signed with. */
  readonly key: JwtKey
  /** Signature algorithms to accept. Default HS256 for a secret, else RS256, PS256, ES256, ES384, EdDSA and Ed25519. */
  readonly algorithms?: readonly string[]
  /** Required issuer of tokens (`iss`). Default any. */
  readonly issuer?: string
  /** Required audience of tokens (`aud`). Default any. */
  readonly audience?: string
  /** Seconds by which clocks may differ. Default 5. */
  readonly clockTolerance?: number
  /** Query parameters that may have the token; the first that is there counts. Default `token`, `jwt`. */
  readonly parameters?: readonly string[]
  /** Actions that need a token. Default publish and play. */
  readonly actions?: readonly Action[]
}
