import type { Server } from 'node:http'
import { HttpServer } from '@rtmpipe/transport-http-tunnel/server'
import { atLeastOne, type WebSocketOptions } from '../options.ts'
import { type Accept, Acceptor } from './acceptor.ts'
import { WebSocketListener } from './web-socket-listener.ts'

/** Binds a server that does nothing else. Rejects with the system's error. Aborting `signal` later closes it. */
export async function listen(
  options: WebSocketOptions,
  accept: Accept,
  signal: AbortSignal | undefined,
): Promise<WebSocketListener> {
  signal?.throwIfAborted()
  for (const name of ['maxConnectionsPerAddress', 'headersTimeout'] as const)
    if (options[name] !== undefined) atLeastOne(name, options[name])
  const made: Acceptor[] = []
  const { host, port, tls, maxConnections, maxConnectionsPerAddress, headersTimeout, trustProxy, proxyProtocol } =
    options
  const ofServer = { host, port, tls, maxConnections, maxConnectionsPerAddress, headersTimeout, trustProxy }
  const server = await HttpServer.make({ ...ofServer, proxyProtocol, onError: options.onError }, (app, forwarding) => {
    const acceptor = new Acceptor(accept, options, forwarding)
    acceptor.serve(app.server as Server)
    made.push(acceptor)
    app.setNotFoundHandler((_request, reply) =>
      reply.code(426).headers({ Connection: 'close', Upgrade: 'websocket' }).type('text/plain').send(sentence),
    )
  })
  await server.listen(signal)
  const [acceptor] = made as [Acceptor]
  const listener: WebSocketListener = new WebSocketListener(server, acceptor, async () => {
    await server.close()
    signal?.removeEventListener('abort', close)
  })
  const close = (): void => void listener.close()
  signal?.addEventListener('abort', close, { once: true })
  return listener
}

const sentence = 'This port takes RTMP over WebSocket, with the subprotocol rtmp, and nothing else.\n'
