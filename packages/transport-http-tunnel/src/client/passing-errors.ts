import { TunnelError } from '../errors.ts'

/** Of a proxy that does not reach the server, or not in time. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([502, 503, 504])

/** Nobody is there, or no way leads there. */
const NOBODY: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
])

/** The connection broke, or was none. */
const BROKEN: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
  'RTMP_ERR_PROXY_TIMEOUT',
])

/** Whether a numbered request may succeed when it is made again. */
export function passes(error: Error): boolean {
  const { code = '', status } = error as { code?: string; status?: number }
  if (status !== undefined) return PASSING_STATUSES.has(status)
  if (error instanceof TunnelError) return code === 'RTMP_ERR_TUNNEL_TIMEOUT'
  // HPE: half an answer is none of HTTP either.
  return BROKEN.has(code) || NOBODY.has(code) || code.startsWith('HPE_')
}

/** Whether a greeting or a farewell may: where nobody listens, or a server is full, there is nothing to wait for. */
export function passesSoon(error: Error): boolean {
  const { code = '', status } = error as { code?: string; status?: number }
  return passes(error) && status !== 503 && !NOBODY.has(code) && !code.startsWith('HPE_')
}
