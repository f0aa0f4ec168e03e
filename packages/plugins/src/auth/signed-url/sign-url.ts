import type { Action } from '../action.ts'
import { canonicalAddress } from '../../address.ts'
import { urlSignature } from './url-signature.ts'

/** What a signed URL is good for. */
export interface SignUrlOptions {
  /** The secret that the server knows as well. */
  readonly key: string
  /** Its name, if the server knows several. */
  readonly keyId?: string
  /** What it allows. */
  readonly action: Action
  /** When the URL expires; fractions of a second are ignored. */
  readonly expires: Date
  /** The only address it is good for. Default any. */
  readonly ip?: string
}

/**
 * Adds `exp`, `kid` and `sig` to the URL of a stream, for `signedUrls` to check: about 70 characters that need no
 * escaping anywhere.
 *
 * @throws TypeError for what can't be signed: a URL without application or stream, an empty key, a wrong address
 */
export function signUrl(url: string, { key, keyId = '', action, expires, ip }: SignUrlOptions): string {
  const seconds = Math.floor(expires.getTime() / 1000)
  const address = ip === undefined ? '' : canonicalAddress(ip)
  if (key === '') throw new TypeError('a URL is signed with a key that is not empty')
  if (!/^[\w.-]*$/.test(keyId))
    throw new TypeError('a key id is made of letters, digits, dots, hyphens and underscores')
  if (!Number.isSafeInteger(seconds)) throw new TypeError('expires is no valid date')
  if (address === undefined) throw new TypeError(`${JSON.stringify(ip)} is not an IP address`)
  const claim = { action, path: pathOf(url), expires: String(seconds), keyId, ip: address }
  const kid = keyId === '' ? '' : `&kid=${keyId}`
  return `${url}${url.includes('?') ? '&' : '?'}exp=${seconds}${kid}&sig=${urlSignature(key, claim)}`
}

/** Neither encoded nor decoded: clients send it as it was typed. */
function pathOf(url: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  const [, path = ''] = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+\/([^?#\s\u0000-\u001f]+)(?:\?[^#]*)?$/i.exec(url) ?? []
  if (!/^[^/].*\/[^/]+$/.test(path)) throw new TypeError('expected the URL of a stream like rtmp://host/app/name')
  return path
}
