import { describe, expect, it } from 'vitest'
import { cert, key, listening, opened, read, routed } from '../support/bench.ts'
import { FLASH_HEADERS, type RawClient } from '../support/raw-client.ts'

const OK = 'HTTP/1.1 200 OK\r\n'

function head(path: string, length: number | 'chunked', version = '1.1', ...more: string[]): string {
  const framing = length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`
  return [`POST ${path} HTTP/${version}`, 'Host: x', ...more, framing, '', ''].join('\r\n')
}

/** Resolves with what has come when that is `length` bytes or more. */
async function bytes(client: RawClient, length: number): Promise<string> {
  return (await client.receivedAtLeast(length)).toString('latin1')
}

/** An answer that has come but for its end. */
async function endless(client: RawClient): Promise<{ readonly head: string; readonly missing: number }> {
  for (let length = OK.length; ; length += 1) {
    const [start = '', ...rest] = (await bytes(client, length)).split('\r\n\r\n')
    const declared = /^Content-Length: (\d+)$/m.exec(start)?.[1]
    if (rest.length === 0 || declared === undefined) continue
    const missing = Number(declared) - rest.join('\r\n\r\n').length
    if (missing <= 1) return { head: start, missing }
  }
}

const benches: readonly [string, boolean, () => ReturnType<typeof routed>][] = [
  ['a server of its own', false, () => listening({ idleHold: 10 })],
  ['a server of its own with TLS', true, () => listening({ idleHold: 10, tls: { cert, key } })],
  ['routes in a fastify', false, () => routed({ idleHold: 10 })],
]

describe.each(benches)('a body and its answer, %s', (_, secure, bench) => {
  it.each([
    ['open', () => '/open/1'],
    ['idle', (id: string) => `/idle/${id}/0`],
    ['close', (id: string) => `/close/${id}/0`],
    ['close of nobody', () => '/close'],
  ])('/%s: the last byte after the body, all else before it', async (_name, path) => {
    const { client, id, stream } = await opened(await bench())
    stream.write('media')
    client.write(head(path(id), 1))
    const begun = await endless(client)
    expect(begun.head).toContain(OK)
    expect(begun.missing).toBe(1)
    client.write('\0')
    const answer = await client.receive()
    expect(answer.status).toBe(200)
    expect(answer.head).toContain('\r\nConnection: Keep-Alive')
    expect(answer.head).not.toContain('Date:')
    expect(answer.body.length).toBeGreaterThan(0)
    // The connection is in order: what comes next is answered, whole.
    client.write(`${head('/open/1', 1)}\0`)
    expect((await client.receive()).body.toString()).toMatch(/^\w+\n$/)
  })

  it.each(['X-Forwarded-For: 10.0.0.1', 'Via: 1.1 proxy', 'Forwarded: for=10.0.0.1'])(
    'by a proxy that says %s: the status line before the body, all else after it',
    async header => {
      const { client, id, stream } = await opened(await bench())
      stream.write('media')
      client.write(head(`/idle/${id}/0`, 1, '1.1', header))
      expect(await bytes(client, OK.length)).toBe(OK)
      client.write('\0')
      expect((await client.receive()).body.toString('latin1')).toBe('\x01media')
    },
  )

  it('/send: the status line before the body, all else after it', async () => {
    const { client, id, stream } = await opened(await bench())
    client.write(head(`/send/${id}/0`, 5))
    expect(await bytes(client, OK.length)).toBe(OK)
    client.write('me')
    expect(await read(stream, 2)).toBe('me')
    client.write('dia')
    expect(await read(stream, 3)).toBe('dia')
    const answer = await client.receive()
    expect([answer.status, answer.body.toString('latin1')]).toEqual([200, '\x01'])
    expect(answer.head.split('HTTP/1.1')).toHaveLength(2)
  })

  it('an answer of one piece when the body is there', async () => {
    const { client, id, stream } = await opened(await bench())
    stream.write('media')
    for (let sequence = 0; sequence < 3; sequence++) {
      client.write(`${head(`/idle/${id}/${sequence}`, 1)}\0`)
      const answer = await client.receive()
      expect(answer.head.split('HTTP/1.1')).toHaveLength(2)
      expect(answer.body.toString('latin1')).toBe(sequence === 0 ? '\x01media' : '\x01')
    }
  })

  it('no body at all is a body that is there', async () => {
    const { client, id, stream } = await opened(await bench())
    stream.write('media')
    client.write(head(`/idle/${id}/0`, 0))
    expect((await client.receive()).body.toString('latin1')).toBe('\x01media')
  })

  it('answers of pipelined requests in their order, the last without its body', async () => {
    const { client, id, stream } = await opened(await bench())
    client.write(`${head(`/send/${id}/0`, 4)}four${head(`/idle/${id}/1`, 1)}\0${head(`/idle/${id}/2`, 1)}`)
    expect(await read(stream, 4)).toBe('four')
    expect((await client.receive()).body.toString('latin1')).toBe('\x01')
    expect((await client.receive()).body.toString('latin1')).toBe('\x01')
    client.write('\0')
    expect((await client.receive()).body.toString('latin1')).toBe('\x01')
  })

  it('HTTP/1.0 and Connection: close', async () => {
    const opener = await bench()
    const { client, id, stream } = await opened(opener)
    client.write(head(`/idle/${id}/0`, 1, '1.0', 'Connection: keep-alive'))
    await bytes(client, OK.length)
    client.write('\0')
    expect((await client.receive()).head).toContain('\r\nConnection: Keep-Alive')
    client.write(head(`/idle/${id}/1`, 1, '1.0'))
    await bytes(client, OK.length)
    client.write('\0')
    expect((await client.receive()).head).toContain('\r\nConnection: close')
    await client.ended()
    const other = await opener.raw()
    stream.write('media')
    other.write(head(`/idle/${id}/2`, 1, '1.1', 'Connection: close'))
    await bytes(other, OK.length)
    other.write('\0')
    const answer = await other.receive()
    expect(answer.head).toContain('\r\nConnection: close')
    expect(answer.body.toString('latin1')).toBe('\x01media')
    await other.ended()
  })

  it.skipIf(secure)('a client that has ended its half is answered', async () => {
    const { client, id, stream } = await opened(await bench())
    stream.write('media')
    client.write(`${head(`/idle/${id}/0`, 1)}\0`)
    client.socket.end()
    expect((await client.receive()).body.toString('latin1')).toBe('\x01media')
  })

  it('a /send that comes again is read before it is answered, and its connection kept', async () => {
    const { client, id, stream } = await opened(await bench())
    const body = 'x'.repeat(5_000)
    await client.post(`/send/${id}/0`, body)
    await read(stream, 5_000)
    await client.post(`/send/${id}/1`, 'next')
    await read(stream, 4)
    for (const sequence of [1, 0]) {
      client.write(head(`/send/${id}/${sequence}`, sequence === 0 ? 5_000 : 4, '1.1', ...FLASH_HEADERS))
      // Answered behind it, and in vain if the first had been answered before its body.
      client.write((sequence === 0 ? body : 'next').slice(0, 2))
      expect(client.unread).toBe(0)
      client.write((sequence === 0 ? body : 'next').slice(2))
      const answer = await client.receive()
      expect([answer.status, [...answer.body]]).toEqual([200, [1]])
      expect(answer.head).toContain('\r\nConnection: Keep-Alive')
    }
    expect((await client.post(`/send/${id}/2`, 'last')).status).toBe(200)
    expect(await read(stream, 4)).toBe('last')
    expect(stream.readableLength).toBe(0)
  })

  it.each(['open', 'idle', 'close'])('chunked bodies of /%s up to 1 KiB', async kind => {
    const opener = await bench()
    const { client, id, stream } = await opened(opener)
    const path = kind === 'open' ? '/open/1' : `/${kind}/${id}/0`
    client.write(head(path, 'chunked'))
    client.write(`1\r\n\0\r\n`)
    client.write(`0\r\n\r\n`)
    const answer = await client.receive()
    expect([answer.status, answer.body.length > 0]).toEqual([200, true])
    client.write(`${head(path, 'chunked')}400\r\n${'x'.repeat(1024)}\r\n0\r\n\r\n`)
    expect((await client.receive()).status).toBe(200)
    expect(stream.destroyed).toBe(false)
    const other = await opener.raw()
    other.write(`${head(kind === 'idle' ? `/idle/${id}/1` : path, 'chunked')}400\r\n${'x'.repeat(1024)}\r\n`)
    other.write(`1\r\nx\r\n`)
    expect((await other.receive()).status).toBe(413)
    await other.ended()
  })

  it('a refusal waits for a small body, and for no large one', async () => {
    const opener = await bench()
    const client = await opener.raw()
    client.write(head('/send/nobody/0', 5))
    client.write('hello')
    expect((await client.receive()).head).toMatch(/^HTTP\/1.1 404[^]*\r\nConnection: Keep-Alive/)
    client.write(head('/send/nobody/0', 5_000))
    expect((await client.receive()).head).toMatch(/^HTTP\/1.1 404[^]*\r\nConnection: close/)
    await client.ended()
  })
})
