import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'

const OK = 'HTTP/1.1 200 OK\r\n'

/** What Node makes heads with. It has no public way to send one after its status line. */
interface HeadStore {
  _storeHeader?(firstLine: string, fields: readonly string[]): void
}

/**
 * Sends the status line of a success alone, as proxies and clients take it for a sign of life.
 *
 * @returns false when it is not this response's turn on its connection
 */
export function sendStatusLine(response: ServerResponse): boolean {
  const { socket } = response
  const canSendRest = typeof (response as HeadStore)._storeHeader === 'function'
  if (!canSendRest || !(socket instanceof Socket) || !socket.writable || response.headersSent) return false
  socket.write(OK)
  return true
}

/** Sends the head with the next write, without the status line if that has gone. `fields`: names and values in turn. */
export function sendHead(response: ServerResponse, status: number, hasStatusLine: boolean, fields: string[]): void {
  response.sendDate = false
  if (hasStatusLine) (response as HeadStore)._storeHeader?.('', fields)
  else response.writeHead(status, fields)
}
