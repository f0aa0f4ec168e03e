import { createPublicKey } from 'node:crypto'
import type * as jose from 'jose'
import type { JWTPayload, JWTVerifyGetKey, KeyObject } from 'jose'
import type { JwtOptions } from './jwt-options.ts'
import { checkPort } from '../blocked-port.ts'
import { jwtDefaults } from '../defaults.ts'

/** Milliseconds for a key set to be fetched; below the deadline of hooks. */
const fetchTimeout = 5_000

type Jose = typeof jose
type VerifyKey = KeyObject | Uint8Array | JWTVerifyGetKey

/** Checks signatures and times of tokens. The library for it is loaded with the first token. */
export class JwtVerifier {
  readonly #options: JwtOptions
  readonly #algorithms: string[]
  readonly #fetch: typeof fetch | undefined
  #ready: Promise<[Jose, VerifyKey]> | undefined

  /** @throws TypeError for an empty secret, a URL or a key that is none, a URL with a port that `fetch` blocks */
  constructor(options: JwtOptions, fetch?: typeof globalThis.fetch) {
    const { key, algorithms } = options
    if ('secret' in key && key.secret === '') throw new TypeError('an empty secret proves nothing')
    if ('publicKey' in key && typeof key.publicKey === 'string') createPublicKey(key.publicKey)
    if ('jwks' in key && typeof key.jwks === 'string' && !URL.canParse(key.jwks)) {
      throw new TypeError(`${JSON.stringify(key.jwks)} is not a URL`)
    }
    if ('jwks' in key && (typeof key.jwks === 'string' || key.jwks instanceof URL)) checkPort(new URL(key.jwks))
    this.#options = options
    this.#fetch = fetch
    this.#algorithms = [...(algorithms ?? defaultAlgorithms(options))]
  }

  /** The claims. @throws jose's errors */
  async verify(token: string): Promise<JWTPayload> {
    this.#ready ??= this.#load()
    const [{ jwtVerify }, key] = await this.#ready
    const { issuer, audience, clockTolerance = jwtDefaults.clockTolerance } = this.#options
    const options = {
      algorithms: this.#algorithms,
      clockTolerance,
      // A token without an end could never be taken back.
      requiredClaims: ['exp'],
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
    }
    const { payload } =
      typeof key === 'function' ? await jwtVerify(token, key, options) : await jwtVerify(token, key, options)
    return payload
  }

  async #load(): Promise<[Jose, VerifyKey]> {
    const library = await import('jose')
    return [library, this.#key(library)]
  }

  #key({ createLocalJWKSet, createRemoteJWKSet, customFetch }: Jose): VerifyKey {
    const { key } = this.#options
    if ('secret' in key) return new TextEncoder().encode(key.secret)
    if ('publicKey' in key) return typeof key.publicKey === 'string' ? createPublicKey(key.publicKey) : key.publicKey
    const { jwks } = key
    if (typeof jwks !== 'string' && !(jwks instanceof URL)) return createLocalJWKSet(jwks)
    const fetch = this.#fetch && { [customFetch]: this.#fetch }
    return createRemoteJWKSet(new URL(jwks), { timeoutDuration: fetchTimeout, ...fetch })
  }
}

/** Never algorithms of both kinds: a public key must not be used as a shared secret. */
function defaultAlgorithms({ key }: JwtOptions): readonly string[] {
  return 'secret' in key ? ['HS256'] : ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519']
}
