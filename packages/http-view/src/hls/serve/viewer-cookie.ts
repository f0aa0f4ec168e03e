import type { IncomingHttpHeaders } from 'node:http'

const name = 'rtmpipe_viewer'

/** Tokens that a request has in its cookies: one for each folder on the way to what it asks for. */
export function cookieTokens({ cookie = '' }: IncomingHttpHeaders): string[] {
  return cookie
    .split(';')
    .map(pair => pair.trim())
    .filter(pair => pair.startsWith(`${name}=`))
    .map(pair => pair.slice(name.length + 1))
}

/** How a cookie is to be. */
export interface CookieScope {
  /** Path of the stream's folder, as it came. */
  readonly folder: string
  /** Whether the viewer came by HTTPS, perhaps to a proxy. */
  readonly isSecure: boolean
  /** Whether the page is one of another site, as far as its origin tells. */
  readonly isForeign: boolean
}

/** Headers that give a viewer its token, which pages can not read. */
export function cookieHeaders(token: string, { folder, isSecure, isForeign }: CookieScope): Record<string, string> {
  // A semicolon ends the path; what is above it is a place as well.
  const path = folder.replace(/[^/]*[;,\s].*$/, '')
  // Browsers send cookies to other sites only if they are secure.
  const site = isForeign && isSecure ? 'None; Partitioned' : 'Lax'
  const secure = isSecure ? '; Secure' : ''
  return { 'Set-Cookie': `${name}=${token}; Path=${path || '/'}; HttpOnly; SameSite=${site}${secure}` }
}
