import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Answer, SharedText } from './answer.ts'
import type { StoredFile } from '../media/archive.ts'
import { refusalHeaders } from '../../access/refusal.ts'
import { HlsRefusal } from './hls-refusal.ts'

/** Headers of CORS, as they are for whoever asks. */
export type CorsHeaders = Readonly<Record<string, string>>

/**
 * Answers a request: in one write, or from a file as fast as the viewer takes it.
 *
 * @param sent told of bytes of the body
 */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer | HlsRefusal,
  cors: CorsHeaders,
  sent: (bytes: number) => void = () => {},
): void {
  if (answer instanceof HlsRefusal) {
    if (!response.writableEnded && !response.destroyed) refuse(request, response, answer, cors, sent)
    return
  }
  const { body, done } = answer
  if (response.writableEnded || response.destroyed) return done?.()
  if ((done !== undefined || isStored(body)) && response.socket === null) {
    // It waits for an answer before it, and is not told when the connection is closed: so may many others in one packet.
    done?.()
    return refuse(request, response, new HlsRefusal(429, 'ask for one file at a time'), cors, sent)
  }
  if (done !== undefined) response.once('close', done)
  if (Buffer.isBuffer(body)) {
    response.writeHead(200, headersOf(answer, body.length, cors))
    return end(request, response, body, sent)
  }
  if (isStored(body)) return sendFile(request, response, answer, body, cors, sent)
  const isSmall = acceptsGzip(request)
  const bytes = isSmall ? body.compressed : body.bytes
  response.writeHead(200, {
    ...headersOf(answer, bytes.length, cors),
    Vary: cors['Vary'] === undefined ? 'Accept-Encoding' : `${cors['Vary']}, Accept-Encoding`,
    ...(isSmall && { 'Content-Encoding': 'gzip' }),
  })
  end(request, response, bytes, sent)
}

function isStored(body: Answer['body']): body is StoredFile {
  return !Buffer.isBuffer(body) && !(body instanceof SharedText)
}

function headersOf({ type, cacheControl, body, headers }: Answer, length: number, cors: CorsHeaders): CorsHeaders {
  return {
    ...cors,
    'X-Content-Type-Options': 'nosniff',
    'Content-Type': type,
    'Content-Length': String(length),
    'Cache-Control': cacheControl,
    ...headers,
    ...(!(body instanceof SharedText) && { 'Accept-Ranges': 'none' }),
  }
}

function end({ method }: IncomingMessage, response: ServerResponse, body: Buffer, sent: (bytes: number) => void): void {
  response.end(body)
  if (method !== 'HEAD') sent(body.length)
}

/** A file of which a viewer has a piece in memory at a time. */
function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  { path, size }: StoredFile,
  cors: CorsHeaders,
  sent: (bytes: number) => void,
): void {
  const file = createReadStream(path, { end: size - 1 })
  response.once('close', () => file.destroy())
  file.once('open', () => {
    if (response.destroyed) return
    response.writeHead(200, headersOf(answer, size, cors))
    if (request.method === 'HEAD') return void response.end()
    file.on('data', piece => sent(piece.length))
    // What is missing in a file would be taken from the next answer.
    file.once('end', () => file.bytesRead < size && response.destroy())
    file.pipe(response)
  })
  // It was removed meanwhile: nothing was sent yet, or the viewer sees that something is missing.
  file.on('error', () => {
    if (response.headersSent) response.destroy()
    else send(request, response, new HlsRefusal(404, 'there is no such file, or no longer'), cors, sent)
  })
}

/**
 * Ends the connection of a viewer who has not taken an answer in time. Until then it costs that answer: Node reads no further
 * request of a connection meanwhile.
 *
 * @param milliseconds for all of it
 */
export function cutIfStopped(socket: Socket, response: ServerResponse, milliseconds: number): void {
  // One that has no socket yet waits for the answer before it; one that has not ended yet comes from a file.
  const isTaken = response.writableEnded && response.socket !== null && socket.writableLength === 0
  if (response.writableFinished || isTaken) return
  // One that is closed has all that it was to be sent, also by requests that nobody is told of any more.
  const stopped = new WeakRef(socket)
  const timer = setTimeout(() => stopped.deref()?.destroy(), milliseconds).unref()
  const stop = (): void => clearTimeout(timer)
  response.once('finish', stop).once('close', stop)
}

/** Answers whether a page of another site may ask. */
export function sendPreflight(response: ServerResponse, cors: CorsHeaders): void {
  response.writeHead(204, { ...cors })
  response.end()
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { statusCode: status, message }: HlsRefusal,
  cors: CorsHeaders,
  sent: (bytes: number) => void,
): void {
  const body = Buffer.from(`${message}\n`)
  response.writeHead(status, {
    ...cors,
    ...refusalHeaders({ status, text: message }),
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
  })
  end(request, response, body, sent)
}

function acceptsGzip({ headers }: IncomingMessage): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(headers['accept-encoding'] ?? ''))
}
