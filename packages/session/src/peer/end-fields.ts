import { RtmpError } from '@rtmpipe/chunk-stream'

/** What the log says of an end: why it came, in words; and an error with its stack where a program is at fault. */
export interface EndFields {
  readonly reason: string
  readonly code?: string
  readonly err?: Error
}

/**
 * Fields for the end of a publish, a play or a connection.
 *
 * @param reason where no error has led to it
 */
export function endFields(error: Error | undefined, reason: string): EndFields {
  if (error === undefined) return { reason }
  const { code, message } = error as NodeJS.ErrnoException
  if (isDisconnect(error)) return { reason: 'the connection was lost', ...(code !== undefined && { code }) }
  if (code !== undefined) return { reason: message, code }
  return { reason: message, err: error }
}

/** Peers and lines that just go away are daily business. */
export function isDisconnect(error: NodeJS.ErrnoException): boolean {
  if (error instanceof RtmpError) return false
  return error.syscall !== undefined || lost.has(error.code ?? '')
}

const lost: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_STREAM_PREMATURE_CLOSE',
  // A page that is left, while something is sent to it.
  'RTMP_ERR_WEBSOCKET_CLOSED',
])
