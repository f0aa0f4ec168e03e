import { describe, expect, it } from 'vitest'
import { clocked, listening, opened, read } from '../support/bench.ts'

/** Everything but the date, which Node adds. */
function headOf(head: string): string[] {
  return head.split('\r\n').filter(line => !line.startsWith('Date: '))
}

const replyHead = (length: number): string[] => [
  'HTTP/1.1 200 OK',
  'Content-Type: application/x-fcs',
  `Content-Length: ${length}`,
  'Cache-Control: no-cache',
  'Connection: Keep-Alive',
]

describe('replies, byte by byte', () => {
  it('has an id and one line feed for /open, in one piece', async () => {
    const { raw } = await listening()
    const client = await raw()
    const pieces: Buffer[] = []
    client.socket.on('data', (bytes: Buffer) => pieces.push(bytes))
    const { head, body } = await client.post('/open/1')
    expect(headOf(head)).toEqual(replyHead(52))
    expect(body.toString('latin1')).toMatch(/^[A-Za-z0-9]{51}\n$/)
    expect(pieces.length).toBe(1)
  })

  it('has the polling byte and what was written for /send and /idle', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    stream.once('data', () => stream.write('S0S1S2'))
    const first = await client.post(`/send/${id}/0`, 'C0C1')
    expect(headOf(first.head)).toEqual(replyHead(7))
    expect(first.body.toString('latin1')).toBe('\x01S0S1S2')
    stream.write('more')
    const second = await client.post(`/idle/${id}/1`)
    expect(headOf(second.head)).toEqual(replyHead(5))
    expect(second.body.toString('latin1')).toBe('\x01more')
  })

  it('is never empty', async () => {
    const bench = await clocked()
    const { client, id } = await opened(bench)
    const sent = await client.post(`/send/${id}/0`, 'x')
    expect(headOf(sent.head)).toEqual(replyHead(1))
    expect([...sent.body]).toEqual([0x01])
    const idle = client.post(`/idle/${id}/1`)
    await bench.arrived()
    bench.pass(251)
    expect([...(await idle).body]).toEqual([0x01])
  })

  it('grows the polling byte while there is nothing', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    const bytes: (number | undefined)[] = []
    for (let sequence = 0; sequence < 13; sequence++) {
      const idle = client.post(`/idle/${id}/${sequence}`)
      await bench.arrived()
      bench.pass(251)
      bytes.push((await idle).body[0])
    }
    expect(bytes).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 5, 9])
    stream.write('x')
    expect([...(await client.post(`/idle/${id}/13`)).body]).toEqual([1, 'x'.charCodeAt(0)])
  })

  it('is one zero byte for /close', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, '')
    const { head, body } = await client.post(`/close/${id}/1`)
    expect(headOf(head)).toEqual(replyHead(1))
    expect([...body]).toEqual([0x00])
    stream.resume()
    await new Promise(resolve => stream.once('end', resolve))
  })

  it('is short and of known length for errors', async () => {
    const { raw } = await listening()
    const client = await raw()
    for (const path of ['/fcs/ident2', '/fcs/ident', '/send/nobody/0', '/idle/nobody/0']) {
      const { head, status, body } = await client.post(path)
      expect(status).toBe(404)
      expect(headOf(head)[0]).toBe('HTTP/1.1 404 Not Found')
      expect(head).toContain('\r\nConnection: Keep-Alive')
      expect(body.length).toBeLessThan(64)
    }
  })

  it('cuts long data into replies of maxReplyLength', async () => {
    const bench = await clocked({ maxReplyLength: 1000 })
    const { client, id, stream } = await opened(bench)
    const written = Buffer.from(Array.from({ length: 2500 }, (_, index) => index % 251))
    stream.write(written)
    const bodies = []
    for (let sequence = 0; sequence < 3; sequence++) bodies.push((await client.post(`/idle/${id}/${sequence}`)).body)
    expect(bodies.map(body => body.length)).toEqual([1001, 1001, 501])
    expect(Buffer.concat(bodies.map(body => body.subarray(1)))).toEqual(written)
  })

  it('gathers what is written in a turn of the event loop', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    const idle = client.post(`/idle/${id}/0`)
    await bench.arrived()
    for (const word of ['one ', 'two ', 'three']) stream.write(word)
    expect((await idle).body.toString('latin1')).toBe('\x01one two three')
  })

  it('never feeds the dummy byte of /idle', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    stream.write('x')
    await client.post(`/idle/${id}/0`, '\0')
    await client.post(`/send/${id}/1`, 'real')
    expect(await read(stream, 4)).toBe('real')
    expect(stream.readableLength).toBe(0)
  })
})
