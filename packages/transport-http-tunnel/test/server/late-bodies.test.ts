import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { closeLateBodies } from '../../src/server/late-bodies.ts'

async function opened(patience = 20): Promise<Socket> {
  const server = createServer({ requestTimeout: 0 }, (_request, response) => response.end('answered'))
  closeLateBodies(server, patience)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
  onTestFinished(() => {
    socket.destroy()
    server.close()
  })
  return socket
}

it('a body that goes on after the answer is cut off', async () => {
  const socket = await opened()
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(String(answer)).toContain('200 OK')
  const trickle = setInterval(() => socket.write('x'), 5)
  // A write may fail before the end is seen: `once` would take that for a failure.
  await new Promise(resolve => socket.once('close', resolve))
  clearInterval(trickle)
})

it('one that ends in time leaves the connection open', async () => {
  const socket = await opened(10_000)
  for (let time = 0; time < 2; time++) {
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nx')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(String(answer)).toContain('200 OK')
    socket.write('y')
  }
})

it('nobody waits for the body of who expects what there is not', async () => {
  const socket = await opened()
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nContent-Length: 1000000\r\n\r\n')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(String(answer)).toMatch(/^HTTP\/1.1 417/)
  await once(socket, 'close')
})
