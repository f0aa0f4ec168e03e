import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Answer, SharedText } from './answer.ts'
import { refusalHeaders } from '../../access/refusal.ts'
import { HlsRefusal } from './hls-refusal.ts'

/** Headers of CORS, as they are for whoever asks. */
export type CorsHeaders = Readonly<Record<string, string>>

/** Answers a request, in one write. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer | HlsRefusal,
  cors: CorsHeaders,
): void {
  if (response.writableEnded || response.destroyed) return
  if (answer instanceof HlsRefusal) return refuse(response, answer, cors)
  const { type, cacheControl } = answer
  const isText = answer.body instanceof SharedText
  const isSmall = isText && acceptsGzip(request)
  const body = answer.body instanceof SharedText ? (isSmall ? answer.body.compressed : answer.body.bytes) : answer.body
  response.writeHead(200, {
    ...cors,
    'X-Content-Type-Options': 'nosniff',
    'Content-Type': type,
    'Content-Length': body.length,
    'Cache-Control': cacheControl,
    ...(isText
      ? { Vary: cors['Vary'] === undefined ? 'Accept-Encoding' : `${cors['Vary']}, Accept-Encoding` }
      : { 'Accept-Ranges': 'none' }),
    ...(isSmall && { 'Content-Encoding': 'gzip' }),
  })
  response.end(body)
}

/**
 * Ends the connection of a viewer who has not taken an answer in time. Until then it costs that answer: Node reads no further
 * request of a connection meanwhile.
 *
 * @param milliseconds for all of it
 */
export function cutIfStopped(socket: Socket, response: ServerResponse, milliseconds: number): void {
  // One that has no socket yet waits for the answer before it.
  if (response.writableFinished || (response.socket !== null && socket.writableLength === 0)) return
  const timer = setTimeout(() => socket.destroy(), milliseconds).unref()
  const stop = (): void => clearTimeout(timer)
  response.once('finish', stop).once('close', stop)
}

/** Answers whether a page of another site may ask. */
export function sendPreflight(response: ServerResponse, cors: CorsHeaders): void {
  response.writeHead(204, { ...cors })
  response.end()
}

function refuse(response: ServerResponse, { statusCode: status, message }: HlsRefusal, cors: CorsHeaders): void {
  const body = Buffer.from(`${message}\n`)
  response.writeHead(status, {
    ...cors,
    ...refusalHeaders({ status, text: message }),
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
  })
  response.end(body)
}

function acceptsGzip({ headers }: IncomingMessage): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(headers['accept-encoding'] ?? ''))
}
