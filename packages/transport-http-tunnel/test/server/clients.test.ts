import { describe, expect, it } from 'vitest'
import { clocked, closing, listening, opened, read } from '../support/bench.ts'
import type { RawClient } from '../support/raw-client.ts'

const FFMPEG = [
  'Accept: */*',
  'Connection: keep-alive',
  'Icy-MetaData: 1',
  'Cache-Control: no-cache',
  'Content-type: application/x-fcs',
  'User-Agent: Shockwave Flash',
]

/** How librtmp reads a reply: by fixed offsets and the case of `Content-`. */
function readAsLibrtmp(bytes: Buffer): { body: Buffer; rest: Buffer } {
  const text = bytes.toString('latin1')
  if (!text.startsWith('HTTP/1.1 200 ')) throw new Error('librtmp: not 200')
  let at = 'HTTP/1.1 200 '.length
  for (;;) {
    at = text.indexOf('Content-', at)
    if (at < 0) throw new Error('librtmp: no length')
    if (text.slice(at + 8, at + 15).toLowerCase() === 'length:') break
    at += 8
  }
  const length = Number.parseInt(text.slice(at + 16), 10)
  const start = text.indexOf('\r\n\r\n', at + 16) + 4
  if (start < 4 || bytes.length < start + length) throw new Error('librtmp: not all here')
  return { body: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) }
}

/** librtmp writes the head and the body of a request separately. */
function postAsLibrtmp(client: RawClient, path: string, body: string): void {
  client.write(
    `POST /${path} HTTP/1.1\r\nHost: 127.0.0.1:80\r\nAccept: */*\r\nUser-Agent: Shockwave Flash\r\n` +
      `Connection: Keep-Alive\r\nCache-Control: no-cache\r\nContent-type: application/x-fcs\r\n` +
      `Content-length: ${body.length}\r\n\r\n`,
  )
  client.write(Buffer.from(body, 'latin1'))
}

describe('foreign clients', () => {
  it('serves FFmpeg: one connection, counts from 0, closes with a body', async () => {
    const bench = await clocked()
    const client = await bench.raw()
    const id = (await client.post('/open/1', '\0', FFMPEG)).body.toString().trimEnd()
    expect(id.length).toBeLessThan(64)
    const stream = bench.accepted.nextStream()
    stream.once('data', () => stream.write('S0S1S2'))
    expect((await client.post(`/send/${id}/0`, 'C0C1', FFMPEG)).body.toString('latin1')).toBe('\x01S0S1S2')
    expect([...(await client.post(`/send/${id}/1`, 'C2connect', FFMPEG)).body]).toEqual([1])
    const idle = client.post(`/idle/${id}/2`, '\0', FFMPEG)
    await bench.arrived()
    stream.write('_result')
    expect((await idle).body.toString('latin1')).toBe('\x01_result')
    expect([...(await client.post(`/close/${id}/3`, '\0', FFMPEG)).body]).toEqual([0])
    stream.resume().end()
    expect(await closing(stream)).toBeUndefined()
  })

  it('serves librtmp: pipelines, head and body apart, parses by offsets', async () => {
    const bench = await listening()
    const client = await bench.raw()
    let received = Buffer.alloc(0)
    const more = async (): Promise<void> => {
      const bytes = await new Promise<Buffer>(resolve => client.socket.once('data', resolve))
      received = Buffer.concat([received, bytes])
    }
    postAsLibrtmp(client, 'open/1', '\0')
    await more()
    const opening = readAsLibrtmp(received)
    // It drops the last byte unconditionally.
    const id = opening.body.subarray(0, -1).toString()
    received = Buffer.from(opening.rest)
    const stream = bench.accepted.nextStream()
    postAsLibrtmp(client, `send/${id}/0`, 'C0C1')
    expect(await read(stream, 4)).toBe('C0C1')
    // C2 and connect go out without waiting for an answer; then it polls.
    postAsLibrtmp(client, `send/${id}/1`, 'C2')
    postAsLibrtmp(client, `send/${id}/2`, 'connect')
    postAsLibrtmp(client, `idle/${id}/3`, '\0')
    expect(await read(stream, 9)).toBe('C2connect')
    stream.write('_result')
    const bodies: string[] = []
    while (bodies.length < 4) {
      try {
        const { body, rest } = readAsLibrtmp(received)
        bodies.push(body.toString('latin1'))
        received = Buffer.from(rest)
      } catch {
        await more()
      }
    }
    expect(bodies.every(body => body[0] === '\x01')).toBe(true)
    expect(bodies.map(body => body.slice(1)).join('')).toBe('_result')
    // It closes without reading the answer.
    postAsLibrtmp(client, `close/${id}/4`, '\0')
    client.socket.end()
    stream.resume().end()
    expect(await closing(stream)).toBeUndefined()
  })

  it('serves Flash Player: asks for ident2, counts from 0 with /idle, uses two connections', async () => {
    const bench = await clocked()
    const one = await bench.raw()
    const two = await bench.raw()
    expect((await one.post('/fcs/ident2')).status).toBe(404)
    const id = await one.open()
    const stream = bench.accepted.nextStream()
    const idle = one.post(`/idle/${id}/0`)
    await bench.arrived()
    // A request on the other connection releases the one that is held.
    const send = two.post(`/send/${id}/1`, 'C0C1')
    expect([...(await idle).body]).toEqual([1])
    expect([...(await send).body]).toEqual([1])
    expect(await read(stream, 4)).toBe('C0C1')
    stream.write('S0S1')
    expect((await two.post(`/idle/${id}/2`)).body.toString('latin1')).toBe('\x01S0S1')
  })

  it('serves HTTP/1.0 clients with a connection for each request', async () => {
    const bench = await listening()
    const request = async (path: string, body: string): Promise<Buffer> => {
      const client = await bench.raw()
      const response = await client.post(path, body, ['Proxy-Connection: close'], '1.0')
      expect(response.head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
      expect(response.head).toContain('\r\nConnection: close')
      await client.ended()
      return response.body
    }
    const id = (await request('/open/1', '')).toString().trimEnd()
    const stream = bench.accepted.nextStream()
    stream.pipe(stream)
    expect((await request(`/send/${id}/0`, ''))[0]).toBe(1)
    expect((await request(`/send/${id}/1`, 'echo')).toString('latin1')).toBe('\x01echo')
    expect([...(await request(`/close/${id}`, ''))]).toEqual([0])
    await closing(stream)
  })

  it('keeps an HTTP/1.0 connection that asks for it', async () => {
    const { raw } = await listening()
    const client = await raw()
    for (let round = 0; round < 3; round++) {
      const { head } = await client.post('/open/1', '\0', ['Connection: keep-alive'], '1.0')
      expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
      expect(head).toContain('\r\nConnection: Keep-Alive')
    }
  })

  it('serves HaishinKit: misspelt /idel, no body for /close, no number', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    stream.write('x')
    const idle = await client.post(`/idel/${id}/0`)
    expect(idle.body.toString('latin1')).toBe('\x01x')
    expect(idle.head).toContain('\r\nContent-Type: application/x-fcs\r\n')
    await client.post(`/send/${id}/1`, 'C0C1')
    expect([...(await client.post(`/close/${id}`, '')).body]).toEqual([0])
    expect(await read(stream, 4)).toBe('C0C1')
  })

  it('serves the Red5 client, which counts from 1, and Shumway, which closes without an id', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/1`, 'one')
    await client.post(`/send/${id}/2`, 'two')
    expect(await read(stream, 6)).toBe('onetwo')
    for (const path of ['/close/2', '/close']) {
      const { status, body } = await client.post(path)
      expect([status, ...body]).toEqual([200, 0])
    }
    expect(stream.destroyed).toBe(false)
  })

  it.each([
    ['no content type', []],
    ['one in odd letters', ['CONTENT-TYPE: APPLICATION/X-FCS']],
    ['another one', ['Content-Type: application/json']],
    ['a broken one', ['Content-Type: ;;,']],
  ])('accepts a request with %s', async (_, headers) => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    expect((await client.post(`/send/${id}/0`, 'x', headers)).status).toBe(200)
    expect(await read(stream, 1)).toBe('x')
  })

  it('opens for any version', async () => {
    const { raw } = await listening()
    const client = await raw()
    for (const version of ['1', '2', 'x']) expect((await client.post(`/open/${version}`)).status).toBe(200)
  })

  it('lets a client that ignores "session over" find out by an error', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'x')
    stream.end('bye')
    expect((await client.post(`/idle/${id}/1`)).body.toString('latin1')).toBe('\x01bye')
    const statuses: number[] = []
    for (let sequence = 2; statuses.at(-1) !== 404; sequence++) {
      const idle = client.post(`/idle/${id}/${sequence}`)
      await bench.arrived()
      bench.pass(251)
      const { status, body } = await idle
      if (status === 200) expect([...body]).toEqual([0])
      statuses.push(status)
      expect(statuses.length).toBeLessThan(20)
    }
    expect(stream.destroyed).toBe(true)
  })
})
