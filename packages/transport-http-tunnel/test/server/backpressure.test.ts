import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { clocked, closing, listening, opened, read, turns } from '../support/bench.ts'

const MIB = 2 ** 20

describe('a reader that does not keep up', () => {
  it('holds the client back by keeping the answer', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    let answered = false
    client.send(`/send/${id}/0`, Buffer.alloc(MIB, 'a'))
    const reply = client.receive().then(() => (answered = true))
    while (stream.readableLength < 256 * 1024) await turns(1)
    await turns()
    expect(answered).toBe(false)
    // It has read a little more than its high water mark; the rest is still in the connection.
    expect(stream.readableLength).toBeLessThan(640 * 1024)
    stream.resume()
    await reply
  })

  it('does not cost the session, however long it takes', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    client.send(`/send/${id}/0`, Buffer.alloc(MIB, 'a'))
    while (stream.readableLength < 256 * 1024) await turns(1)
    for (let second = 0; second < 60; second++) bench.pass(1_000)
    expect(stream.destroyed).toBe(false)
    let length = 0
    stream.on('data', (bytes: Buffer) => (length += bytes.length))
    await client.receive()
    expect(length).toBe(MIB)
  })

  it('is no reason to keep what was written for the client', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    // Its answer must come out for it to go on reading: an echo that waits for the client.
    stream.write('in the way')
    const body = Buffer.alloc(MIB, 'a')
    expect((await client.post(`/send/${id}/0`, body)).body.toString('latin1')).toBe('\x01in the way')
    expect(stream.readableLength).toBe(MIB)
  })

  it('may be an echo, with more in one body than either side buffers', async () => {
    const bench = await listening()
    const { client, id, stream } = await opened(bench)
    stream.pipe(stream)
    const body = Buffer.from(Array.from({ length: 3 * MIB }, (_, index) => (index >> 8) ^ index))
    let received = Buffer.alloc(0)
    for (let sequence = 0; received.length < body.length; sequence++) {
      const reply = await (sequence === 0 ? client.post(`/send/${id}/0`, body) : client.post(`/idle/${id}/${sequence}`))
      received = Buffer.concat([received, reply.body.subarray(1)])
    }
    expect(received.equals(body)).toBe(true)
  })

  it('holds back a client that pipelines many small requests', async () => {
    const bench = await listening()
    const { client, id, stream } = await opened(bench)
    const count = 10_000
    const body = Buffer.alloc(1_000, 'a')
    for (let sequence = 0; sequence < count; sequence++) client.send(`/send/${id}/${sequence}`, body)
    let before = -1
    while (before !== client.socket.writableLength) {
      before = client.socket.writableLength
      await turns(20)
    }
    // The rest has not even left the client.
    expect(before).toBeGreaterThan(MIB)
    expect(stream.destroyed).toBe(false)
    let length = 0
    stream.on('data', (bytes: Buffer) => (length += bytes.length))
    for (let sequence = 0; sequence < count; sequence++) expect((await client.receive()).status).toBe(200)
    expect(length).toBe(count * body.length)
  })

  it('holds back a client that pipelines very many at once', async () => {
    const bench = await listening()
    const { client, id, stream } = await opened(bench)
    stream.resume()
    const requests = Array.from({ length: 10_000 }, (_, index) => `POST /send/${id}/${index} HTTP/1.1\r\nHost:\r\n\r\n`)
    client.socket.write(requests.join(''))
    for (const _ of requests) expect((await client.receive()).status).toBe(200)
  })

  it('reads on from every connection when many have brought requests', async () => {
    const bench = await listening()
    const { client, id, stream } = await opened(bench)
    stream.resume()
    client.write(`POST /send/${id}/0 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na`)
    const others = await Promise.all(Array.from({ length: 60 }, () => bench.raw()))
    for (const [index, other] of others.entries()) {
      other.send(`/send/${id}/${index + 1}`, 'x')
      await turns(1)
    }
    client.write('b')
    for (const other of others) expect((await other.receive()).status).toBe(200)
    for (const other of others) expect((await other.post('/fcs/ident2')).status).toBe(404)
  })

  it('ends the session of a client that goes on all the same', async () => {
    const bench = await clocked({ maxBufferedBytes: MIB })
    const { client, id, stream } = await opened(bench)
    stream.write('x')
    client.send(`/send/${id}/0`, Buffer.alloc(MIB + 1, 'a'))
    expect(await closing(stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_BUFFER' })
  })
})

describe('a client that does not fetch', () => {
  it('holds the writer back', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, '')
    const piece = Buffer.alloc(64 * 1024, 'a')
    let pieces = 0
    while (stream.write(piece)) pieces += 1
    expect(stream.writableLength).toBe((pieces + 1) * piece.length)
    const drained = once(stream, 'drain')
    const { body } = await client.post(`/idle/${id}/1`)
    expect(body.length).toBe(256 * 1024 + 1)
    await drained
  })

  it('does not get answers it does not read piled up for it', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'x')
    client.socket.pause()
    stream.on('error', () => {})
    const piece = Buffer.alloc(256 * 1024, 'a')
    let taken = 0
    const write = (): void => void stream.write(piece, error => !error && (taken += piece.length) < 64 * MIB && write())
    write()
    for (let sequence = 1; sequence < 400; sequence++) client.send(`/idle/${id}/${sequence}`)
    let before = -1
    while (before !== taken) {
      before = taken
      await turns(20)
      bench.pass(1)
    }
    // What the system's buffers hold, and not 100 MiB.
    expect(taken).toBeLessThan(24 * MIB)
    bench.pass(1)
    bench.pass(15_001)
    expect(await closing(stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_IDLE_TIMEOUT' })
  })
})

it('keeps sessions on one connection from waiting for one another', async () => {
  const bench = await clocked()
  const { client, id } = await opened(bench)
  const otherId = await client.open()
  const other = bench.accepted.nextStream()
  client.send(`/idle/${id}/0`)
  await bench.arrived()
  client.send(`/send/${otherId}/0`, 'through')
  expect([...(await client.receive()).body]).toEqual([1])
  expect((await client.receive()).status).toBe(200)
  expect(await read(other, 7)).toBe('through')
  client.send(`/idle/${id}/1`)
  client.send('/fcs/ident2')
  client.send('/open/1')
  await bench.arrived()
  bench.pass(10)
  expect([...(await client.receive()).body]).toEqual([1])
  expect((await client.receive()).status).toBe(404)
})
