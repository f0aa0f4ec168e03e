import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, SharedText } from './answer.ts'
import { HlsRefusal } from './hls-refusal.ts'

/** Pages of other sites may play: nothing here goes by cookies. */
const common = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Date, Age, Content-Length',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'X-Content-Type-Options': 'nosniff',
} as const

/** Answers a request, in one write. */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer | HlsRefusal): void {
  if (response.writableEnded || response.destroyed) return
  if (answer instanceof HlsRefusal) return refuse(response, answer)
  const { type, cacheControl } = answer
  const isText = answer.body instanceof SharedText
  const isSmall = isText && acceptsGzip(request)
  const body = answer.body instanceof SharedText ? (isSmall ? answer.body.compressed : answer.body.bytes) : answer.body
  response.writeHead(200, {
    ...common,
    'Content-Type': type,
    'Content-Length': body.length,
    'Cache-Control': cacheControl,
    ...(isText ? { Vary: 'Accept-Encoding' } : { 'Accept-Ranges': 'none' }),
    ...(isSmall && { 'Content-Encoding': 'gzip' }),
  })
  response.end(body)
}

/** Answers whether a page of another site may ask. */
export function sendPreflight(response: ServerResponse): void {
  response.writeHead(204, {
    ...common,
    'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers': 'Range, Accept, Accept-Encoding',
    'Access-Control-Max-Age': '86400',
  })
  response.end()
}

function refuse(response: ServerResponse, { statusCode, message }: HlsRefusal): void {
  const body = Buffer.from(`${message}\n`)
  response.writeHead(statusCode, {
    ...common,
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    ...((statusCode === 503 || statusCode === 429) && { 'Retry-After': '1' }),
  })
  response.end(body)
}

function acceptsGzip({ headers }: IncomingMessage): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(headers['accept-encoding'] ?? ''))
}
