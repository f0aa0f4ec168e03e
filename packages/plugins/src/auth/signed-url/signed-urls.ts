import type { Plugin } from '@rtmpipe/session'
import { type Action, allActions, refuse } from '../action.ts'
import { canonicalAddress } from '../address.ts'
import { streamPath } from '../path-pattern.ts'
import { isSameSecret } from '../secrets.ts'
import { streamGate } from '../stream-gate.ts'
import { urlSignature } from './url-signature.ts'

export interface SignedUrlsOptions {
  /** The secret, or several by their ids: old URLs stay good while their key stays here. */
  readonly keys: string | Readonly<Record<string, string>>
  /** Who needs a signed URL. Default publishers and players. */
  readonly actions?: readonly Action[]
  /** Milliseconds since 1970; default the system's clock. */
  readonly now?: () => number
}

/**
 * Streams by URLs that `signUrl` or `rtmpipe sign` made. A URL is checked when a publish or a play begins; what runs by
 * then goes on.
 *
 * @throws TypeError for an empty key, or without any
 */
export function signedUrls({ keys, actions = allActions, now = Date.now }: SignedUrlsOptions): Plugin {
  const known = new Map(typeof keys === 'string' ? [['', keys]] : Object.entries(keys))
  if (known.size === 0 || [...known.values()].includes(''))
    throw new TypeError('signedUrls needs keys that are not empty')
  return streamGate('signed-urls', actions, (action, event) => {
    const [expires, keyId, signature] = ['exp', 'kid', 'sig'].map(name => event.query.get(name) ?? '') as [
      string,
      string,
      string,
    ]
    if (signature === '') return refuse(action, 'a signed URL is needed')
    const key = known.get(keyId)
    const ip = canonicalAddress(event.connection.remote.address) ?? ''
    const claim = { action, path: streamPath(event), expires, keyId }
    const isOurs = (address: string) => isSameSecret(signature, urlSignature(key as string, { ...claim, ip: address }))
    if (key === undefined || !(isOurs('') || isOurs(ip))) return refuse(action, 'this URL is not valid')
    if (Number(expires) * 1000 <= now()) return refuse(action, 'this URL has expired')
    return undefined
  })
}
