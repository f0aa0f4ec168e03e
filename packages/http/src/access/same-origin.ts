import type { FastifyRequest } from 'fastify'

/**
 * Whether a browser sends this from a page of ours: it says where a page is from that makes it send something. Others than
 * browsers say nothing.
 */
export function isSameOrigin({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site']
  // A proxy may have asked by another name than the browser, which knows best.
  if (site === 'same-origin') return true
  if (site !== undefined && site !== 'none') return false
  if (headers.origin === undefined) return true
  // The scheme is not compared: behind a proxy that speaks TLS, ours is plain HTTP.
  return URL.canParse(headers.origin) && new URL(headers.origin).host === host
}
