import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onePort } from '@rtmpipe/transport-one-port'
import { expect, it, onTestFinished } from 'vitest'
import { handOverHttp } from '../../../src/serve/workers/http-handover.ts'

/** A worker that is not the first, and that one's end. */
async function startWorker() {
  const folder = await mkdtemp(join(tmpdir(), 'handover-'))
  const http = createHttpServer((request, response) => void request.resume().once('end', () => response.end('ok')))
  const first = createServer(connection => {
    connection.once('data', (line: Buffer) => {
      connection.unshift(line.subarray(line.indexOf('\n') + 1))
      http.emit('connection', connection)
    })
  })
  first.listen(join(folder, 'http.sock'))
  await once(first, 'listening')
  const port = onePort({ port: 0 })
  handOverHttp(port, join(folder, '1.sock'))
  const listener = await port.listen(() => {})
  const clients: Socket[] = []
  onTestFinished(async () => {
    for (const client of clients) client.destroy()
    first.close()
    await listener.close()
    await rm(folder, { recursive: true })
  })
  const ask = async (request: string, client = connect(listener.address.port, '127.0.0.1')) => {
    clients.push(client)
    client.write(request)
    await once(client, 'data')
    return client
  }
  return { listener, ask }
}

const open = 'POST /open/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n\0'
const page = 'GET /health HTTP/1.1\r\nHost: a\r\n\r\n'

it('stays for clients of the tunnel that came here', async () => {
  const { listener, ask } = await startWorker()
  const client = await ask(open)
  let isClosed = false
  const closed = listener.close().then(() => (isClosed = true))
  await ask(open.replace('open/1', 'send/x/1'), client)
  await new Promise(resolve => setTimeout(resolve, 100))
  expect(isClosed).toBe(false)
  client.destroy()
  await closed
})

it('does not stay for others', async () => {
  const { listener, ask } = await startWorker()
  await ask(page)
  const proxy = await ask(open)
  await ask(page, proxy)
  await listener.close()
})
