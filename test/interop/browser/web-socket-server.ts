import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Transport } from 'rtmpipe'
import { createWebSocketStream, WebSocketServer } from 'ws'

export function webSocket({ port }: { port: number }): Transport {
  return {
    name: 'websocket',
    schemes: ['ws'],
    async listen(accept) {
      const http = createServer()
      const server = new WebSocketServer({ server: http, handleProtocols: () => 'rtmp' })
      server.on('connection', socket => {
        const stream = createWebSocketStream(socket)
        accept({ stream, transport: 'websocket', secure: false, remote: { address: '127.0.0.1', port: 1 } })
      })
      await new Promise<void>(resolve => http.listen(port, '127.0.0.1', resolve))
      return {
        address: { host: '127.0.0.1', port: (http.address() as AddressInfo).port },
        async close() {
          for (const each of server.clients) each.terminate()
          await new Promise(resolve => http.close(resolve))
        },
      } as never
    },
    dial: () => Promise.reject(new Error('no')),
  } as Transport
}
