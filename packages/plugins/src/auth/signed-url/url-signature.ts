import { createHmac } from 'node:crypto'
import type { Action } from '../action.ts'

/** What a signature is about. */
export interface SignedClaim {
  readonly action: Action
  /** `app/stream`. */
  readonly path: string
  /** Seconds since 1970, as text. */
  readonly expires: string
  /** Which key it was made with; '' where there is only one. */
  readonly keyId: string
  /** Canonical address of the only client that may use it; '' for any. */
  readonly ip: string
}

/** HMAC-SHA-256 over the lines of a claim, in base64url: 43 characters. None of them can contain a line break. */
export function urlSignature(key: string, { action, path, expires, keyId, ip }: SignedClaim): string {
  const lines = ['rtmpipe-url-1', action, path, expires, keyId, ip]
  return createHmac('sha256', key).update(lines.join('\n')).digest('base64url')
}
