import { checkOptions, type Denial, type PlayEvent, type PublishEvent } from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../../inject.ts'
import { type Action, refuse } from '../action.ts'
import { canonicalAddress } from '../../address.ts'
import { streamPath } from '../path-pattern.ts'
import { identify } from '../../principal.ts'
import { isSameSecret, secretId } from '../../secrets.ts'
import { StreamGate } from '../stream-gate.ts'
import { urlSignature } from './url-signature.ts'
import { signedUrlsDefaults } from '../defaults.ts'

/** The keys of signed URLs, and which actions need such a URL. */
export interface SignedUrlsOptions {
  /** The secret, or several by their ids: old URLs stay good while their key stays here. */
  readonly keys: string | Readonly<Record<string, string>>
  /** Actions that need a signed URL. Default publish and play. */
  readonly actions?: readonly Action[]
  /** Milliseconds since 1970; default the system's clock. */
  readonly now?: () => number
}

const known: Record<keyof SignedUrlsOptions, true> = { keys: true, actions: true, now: true }

/** Options of {@link SignedUrls} where it is given as a class. */
export const SIGNED_URLS_OPTIONS: InjectionToken<SignedUrlsOptions> = Symbol.for('rtmpipe.SignedUrlsOptions')

/** Lets in clients with a URL that `signUrl` or `rtmpipe sign` made. */
export class SignedUrls extends StreamGate {
  readonly name = 'signed-urls'
  readonly #keys: ReadonlyMap<string, string>
  readonly #now: () => number

  constructor(@inject(SIGNED_URLS_OPTIONS) options: SignedUrlsOptions) {
    const { keys, actions = signedUrlsDefaults.actions, now = Date.now } = options
    super(actions)
    checkOptions('signedUrls()', options, known)
    this.#keys = new Map(typeof keys === 'string' ? [['', keys]] : Object.entries(keys))
    this.#now = now
    if (this.#keys.size === 0 || [...this.#keys.values()].includes(''))
      throw new TypeError('signedUrls needs keys that are not empty')
  }

  protected override check(action: Action, event: PublishEvent | PlayEvent): Denial | undefined {
    const parameter = (name: string): string => event.query.get(name) ?? ''
    const [expires, keyId, signature] = [parameter('exp'), parameter('kid'), parameter('sig')]
    if (signature === '') return refuse(action, 'a signed URL is needed')
    const key = this.#keys.get(keyId)
    const ip = canonicalAddress(event.connection.remote.address) ?? ''
    const claim = { action, path: streamPath(event), expires, keyId }
    const isOurs = (address: string) => isSameSecret(signature, urlSignature(key as string, { ...claim, ip: address }))
    if (key === undefined || !(isOurs('') || isOurs(ip))) return refuse(action, 'this URL is not valid')
    if (Number(expires) * 1000 <= this.#now()) return refuse(action, 'this URL has expired')
    identify(event.context, secretId(signature), this.name)
    return undefined
  }
}

/**
 * Streams by URLs that `signUrl` or `rtmpipe sign` made. A URL is checked when a publish or a play begins; one that has
 * begun goes on when the URL expires. Who has a URL is the principal: 16 digits of a hash of its signature.
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, TypeError for an empty key, or without any
 */
export function signedUrls(options: SignedUrlsOptions): SignedUrls {
  return new SignedUrls(options)
}
