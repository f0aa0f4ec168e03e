import { Agent, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'
import type { Mount } from '@rtmpipe/http'
import { PEER, peerHeader } from './peer-header.ts'

/** Requests that the first worker answers for another one at a time. */
const maxUnderWay = 1_000
/** Milliseconds after which a connection that nothing uses is closed. */
const freeTimeout = 30_000
/** Concern one connection, not the request. */
const ofConnection = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'expect', 'upgrade']

/**
 * What is not tunnel, at a worker that is not the first: that one has sessions of browsers, counts wrong tokens, and knows of
 * all workers.
 *
 * @param socketPath of the first worker
 */
export function toFirstWorker(socketPath: string): Mount {
  const agent = new Agent({ keepAlive: true, timeout: freeTimeout })
  let underWay = 0
  const passOn = (request: IncomingMessage, response: ServerResponse): void => {
    if (underWay >= maxUnderWay) return refuse(response)
    const { method, url, headers } = request
    const asked = httpRequest({ socketPath, agent, method, path: url, headers: headersTo(request) })
    underWay += 1
    asked.once('close', () => (underWay -= 1))
    asked.on('error', () => refuse(response))
    asked.on('response', answer => {
      response.writeHead(answer.statusCode ?? 503, endToEnd(answer.headers))
      // Those who follow events wait for the head.
      response.flushHeaders()
      answer.on('error', () => response.destroy()).pipe(response)
    })
    response.once('close', () => asked.destroy())
    if (headers['transfer-encoding'] === undefined && headers['content-length'] === undefined) asked.end()
    else request.pipe(asked)
  }
  return async app => {
    app.all('/*', {
      onRequest: (request, reply, done) => {
        reply.hijack()
        passOn(request.raw, reply.raw)
        done()
      },
      handler: () => {},
    })
  }
}

function headersTo(request: IncomingMessage): NodeJS.Dict<string | string[]> {
  const isChunked = request.headers['transfer-encoding'] !== undefined
  return {
    ...endToEnd(request.headers),
    // Without it Node sends the body of a GET as it is, and the first worker takes it for a request of its own.
    ...(isChunked && { 'transfer-encoding': 'chunked' }),
    [PEER]: peerHeader(request),
  }
}

function endToEnd(headers: NodeJS.Dict<string | string[]>): NodeJS.Dict<string | string[]> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofConnection.includes(name)))
}

/** It is being started again, or busy. */
function refuse(response: ServerResponse): void {
  if (response.headersSent) response.destroy()
  else
    response
      .writeHead(503, { 'Content-Type': 'text/plain', 'Retry-After': '1', Connection: 'close' })
      .end('try again\n')
}
