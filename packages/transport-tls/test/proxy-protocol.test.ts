import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect } from 'node:tls'
import { tcp } from '@rtmpipe/transport-tcp'
import { expect, it, onTestFinished } from 'vitest'
import { type TlsConnection, withTls } from '../src/index.ts'
import { kept } from './bench.ts'
import { pair } from './pairs.ts'

const header = 'PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n'

it.each([
  ['at once', [header]],
  ['in pieces', header.split('')],
])('tells whom a proxy tells ahead of the handshake, %s', async (_how, pieces) => {
  let accept = (_connection: TlsConnection): void => {}
  const accepted = new Promise<TlsConnection>(resolve => (accept = resolve))
  const inner = tcp({ port: 0, proxyProtocol: ['loopback'] })
  const listener = await withTls(inner, { certificate: pair }).listen(accept)
  onTestFinished(() => listener.close())
  const socket = kept(connectTcp({ port: listener.address.port, host: '127.0.0.1', noDelay: true }))
  // The header and the hello of TLS in one go, if they can be.
  for (const piece of pieces) socket.write(piece)
  const client = kept(connect({ socket, ca: pair.cert, servername: 'memory' }))
  await once(client, 'secureConnect')
  client.end('hello')
  const { remote, stream } = await accepted
  expect(remote).toEqual({ address: '203.0.113.9', port: 4711 })
  expect(stream).toMatchObject({ remoteAddress: '203.0.113.9', remotePort: 4711 })
  expect(String((await once(stream, 'data'))[0])).toBe('hello')
  stream.destroy()
})
