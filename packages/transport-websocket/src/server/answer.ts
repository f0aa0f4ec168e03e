import { type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

/** Answers an upgrade that is refused, and closes the connection. */
export function refuse(socket: Socket, status: number, sentence: string): void {
  const body = `${sentence}\n`
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: text/plain',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
}

/** Has a request for an upgrade that nobody offers served like any other: clients ask for HTTP/2 that way, for example. */
export function answerPlainly(server: Server, request: IncomingMessage, socket: Socket): void {
  const { headers } = request
  // Node has left its body unread.
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
    return refuse(socket, 400, 'This server upgrades no request that has a body.')
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once('finish', () => {
    response.detachSocket(socket)
    socket.destroySoon()
  })
  server.emit('request', request, response)
}
