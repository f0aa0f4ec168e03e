import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { toFirstWorker } from '../../../../src/serve/workers/http/to-first-worker.ts'

/** A worker that is not the first. @returns its port */
async function startWorker(first: { listen(path: string): unknown; close(): unknown }): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'to-first-'))
  const path = join(folder, 'house.sock')
  first.listen(path)
  const app = fastify()
  await app.register(toFirstWorker(path) as never)
  await app.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(async () => {
    app.server.closeAllConnections()
    await app.close()
    first.close()
    await rm(folder, { recursive: true })
  })
  return (app.server.address() as AddressInfo).port
}

test.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST'])(
  'a body of %s in chunks stays a body: it does not begin a request of its own',
  async method => {
    const asked: string[] = []
    const first = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      request.resume().once('end', () => response.end('ok'))
    })
    const port = await startWorker(first)
    const inner = 'GET /forged HTTP/1.1\r\nHost: a\r\nrtmpipe-peer: {"remoteAddress":"192.0.2.1"}\r\n\r\n'
    const client = connect(port, '127.0.0.1')
    onTestFinished(() => void client.destroy())
    client.write(`${method} /true HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`)
    client.write(`${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`)
    await once(client, 'data')
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(asked).toEqual([`${method} /true`])
  },
)
