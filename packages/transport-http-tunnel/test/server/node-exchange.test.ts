import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { QuickLines } from '../../src/server/quick-lines.ts'
import { TunnelServer } from '../../src/server/tunnel-server.ts'

const PIECE = Buffer.alloc(64 * 1024)
const PIECES = 400

it('tells who answers at length when the client has read on', async () => {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'Content-Length': PIECES * PIECE.length })
    let left = PIECES
    const write = (): void => {
      while (left > 0 && (left--, response.write(PIECE)));
      if (left === 0) response.end()
    }
    response.on('drain', write)
    write()
  })
  new QuickLines(server, new TunnelServer({ accept: () => {} }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => {
    client.destroy()
    server.close()
  })
  client.write('POST /send/long HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  let received = 0
  client.on('data', (bytes: Buffer) => void (received += bytes.length))
  await Promise.race([once(client, 'end'), new Promise(resolve => setTimeout(resolve, 4_000))])
  expect(received).toBeGreaterThan(PIECES * PIECE.length)
})
