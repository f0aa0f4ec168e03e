import { md5 } from './md5.ts'

/** The two ways in which encoders log in: Adobe's, which most know, and Limelight's. */
export type AuthmodMethod = 'adobe' | 'llnw'

/** A user's name and password. */
export interface Credentials {
  /** Name of the user. */
  readonly user: string
  /** In clear: both methods need it. */
  readonly password: string
}

/**
 * `response` of authmod=adobe, as FFmpeg and librtmp compute it. @param server's `opaque`, or its `challenge` where
 * there is none
 */
export function adobeResponse(
  { user, password }: Credentials,
  { salt, challenge }: { readonly salt: string; readonly challenge: string },
  clientChallenge: string,
): string {
  return md5(md5(user + salt + password, 'base64') + challenge + clientChallenge, 'base64')
}

/** `response` of authmod=llnw, which is like HTTP's digest (RFC 2617 §3.2.2). Every client says `publish`. */
export function llnwResponse(
  { user, password }: Credentials,
  app: string,
  { nonce, nc, cnonce }: { readonly nonce: string; readonly nc: string; readonly cnonce: string },
): string {
  const instance = app.includes('/') ? '' : '/_definst_'
  const [identity, request] = [md5(`${user}:live:${password}`, 'hex'), md5(`publish:/${app}${instance}`, 'hex')]
  return md5(`${identity}:${nonce}:${nc}:${cnonce}:auth:${request}`, 'hex')
}
