import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listening, opened, read } from '../support/bench.ts'
import { FLASH_HEADERS } from '../support/raw-client.ts'

describe('HTTP', () => {
  it('takes absolute-form targets, as proxies send them', async () => {
    const bench = await listening()
    const client = await bench.raw()
    const id = (await client.post('http://tunnel.example.com:80/open/1')).body.toString().trimEnd()
    expect((await client.post(`http://tunnel.example.com/send/${id}/0`, 'x')).status).toBe(200)
    const { stream } = await bench.accepted.next()
    expect(await read(stream, 1)).toBe('x')
  })

  it('answers Expect: 100-continue', async () => {
    const bench = await listening()
    const { client, id, stream } = await opened(bench)
    client.write(`POST /send/${id}/0 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n`)
    expect((await client.receive()).status).toBe(100)
    client.write('body')
    expect((await client.receive()).status).toBe(200)
    expect(await read(stream, 4)).toBe('body')
  })

  it.each([
    ['length and chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n'],
    ['two lengths', 'Content-Length: 4\r\nContent-Length: 5\r\n'],
    ['a length that is none', 'Content-Length: 4x\r\n'],
    ['an obscure encoding', 'Transfer-Encoding: chunked, identity\r\n'],
    ['a header folded into lines', 'X: a\r\n b\r\nContent-Length : 4\r\n'],
  ])('refuses %s, and closes', async (_, headers) => {
    const bench = await listening()
    const { client, id, stream } = await opened(bench)
    client.write(`POST /send/${id}/0 HTTP/1.1\r\nHost: x\r\n${headers}\r\n0\r\n\r\n`)
    expect((await client.receive()).status).toBe(400)
    await client.ended()
    expect(stream.readableLength).toBe(0)
  })

  it('refuses headers of more than 8 KiB', async () => {
    const { raw } = await listening()
    const client = await raw()
    client.write(`POST /open/1 HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(8 * 1024)}\r\n`)
    expect((await client.receive()).status).toBe(431)
    await client.ended()
  })

  it.each(['GET', 'HEAD', 'PUT', 'OPTIONS', 'DELETE'])('knows no %s', async method => {
    const { raw } = await listening()
    const client = await raw()
    client.write(`${method} /open/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect((await client.receive().catch(() => ({ status: 404 }))).status).toBe(404)
  })

  it.each(['/', '/open', '/send', '/idle/x', '/send/a/b/c', '/%', '/%zz', '//', '*', '/fcs/ident3'])(
    'answers %s with an error',
    async path => {
      const { raw, accepted } = await listening()
      const client = await raw()
      const { status } = await client.post(path)
      expect([400, 404]).toContain(status)
      expect(accepted.all.length).toBe(0)
    },
  )

  it('keeps a connection for any number of requests', async () => {
    const bench = await listening()
    const { client, id, stream } = await opened(bench)
    stream.resume()
    for (let sequence = 0; sequence < 1_500; sequence++) client.send(`/send/${id}/${sequence}`, 'x')
    for (let sequence = 0; sequence < 1_500; sequence++) {
      const { status, head } = await client.receive()
      expect(status).toBe(200)
      expect(head).toContain('Connection: Keep-Alive')
    }
  })

  it('closes a connection on which no request comes', async () => {
    const bench = await listening({ headersTimeout: 50 })
    const { client, stream } = await opened(bench)
    const slow = await bench.raw()
    slow.write('POST /open/1 HTTP/1.1\r\nHost: x\r\n')
    const silent = await bench.raw()
    await Promise.all([slow.ended(), silent.ended()])
    expect(client.socket.destroyed).toBe(false)
    expect(stream.destroyed).toBe(false)
  })

  it('has room for so many connections, and so many from one address', async () => {
    for (const limit of [{ maxConnections: 2 }, { maxConnectionsPerAddress: 2 }]) {
      const bench = await listening(limit)
      const first = await opened(bench)
      await opened(bench)
      const third = await bench.raw()
      await third.ended()
      const { status } = await first.client.post(`/send/${first.id}/0`, 'x')
      expect(status).toBe(200)
    }
  })

  it('survives anything that might come over a connection', async () => {
    const bench = await listening({ openTimeout: 1_000 })
    const sane = await opened(bench)
    const text = readFileSync(new URL(import.meta.url), 'latin1')
    const start = `POST /send/${sane.id}/0 HTTP/1.1\r\nHost: x\r\n${FLASH_HEADERS.join('\r\n')}\r\nContent-Length: 3\r\n\r\nabc`
    const corrupted = fc
      .tuple(fc.nat(start.length - 1), fc.string({ unit: 'binary-ascii', maxLength: 5 }))
      .map(([at, junk]) => start.slice(0, at) + junk + start.slice(at + junk.length))
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          corrupted,
          fc.nat(text.length).map(at => text.slice(at, at + 300)),
        ),
        async bytes => {
          const client = await bench.raw()
          client.write(bytes)
          client.socket.end()
          await client.ended()
        },
      ),
      { numRuns: 60 },
    )
    const { client, id } = await opened(bench)
    expect((await client.post(`/send/${id}/0`, 'x')).status).toBe(200)
  })
})
