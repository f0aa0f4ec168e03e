import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { takePeer } from './peer-header.ts'

/** Takes requests that are not of the tunnel from the other workers, on a Unix socket. It ends with the process. */
export async function serveHouse(
  path: string,
  take: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<void> {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, noDelay: true })
  server.on('request', (request, response) => {
    takePeer(request)
    take(request, response)
  })
  // Of a first worker that has died.
  rmSync(path, { force: true })
  server.listen(path)
  await once(server, 'listening')
  server.unref()
}
