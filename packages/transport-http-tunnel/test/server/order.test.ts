import { describe, expect, it } from 'vitest'
import { clocked, closing, opened, read } from '../support/bench.ts'

describe('the same request twice', () => {
  it('is fed once and answered with the same bytes', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    stream.once('readable', () => stream.write('answer'))
    const first = await client.post(`/send/${id}/0`, 'once')
    expect(first.body.toString('latin1')).toBe('\x01answer')
    const other = await bench.raw()
    stream.write('later')
    expect((await other.post(`/send/${id}/0`, 'once')).body).toEqual(first.body)
    expect((await other.post(`/send/${id}/0`, 'once')).body).toEqual(first.body)
    expect((await other.post(`/idle/${id}/1`)).body.toString('latin1')).toBe('\x01later')
    expect(await read(stream, 4)).toBe('once')
    expect(stream.readableLength).toBe(0)
  })

  it('is answered for the last two, and with a bare byte before that', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    for (const [sequence, word] of ['zero', 'one', 'two'].entries()) {
      stream.write(word)
      expect((await client.post(`/idle/${id}/${sequence}`)).body.toString('latin1')).toBe(`\x01${word}`)
    }
    const again = async (sequence: number): Promise<string> =>
      (await client.post(`/idle/${id}/${sequence}`)).body.toString('latin1')
    expect([await again(2), await again(1), await again(0)]).toEqual(['\x01two', '\x01one', '\x01'])
  })

  it('shares the answer with the first when that is still held', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    const other = await bench.raw()
    client.send(`/idle/${id}/0`)
    await bench.arrived()
    other.send(`/idle/${id}/0`)
    await bench.arrived()
    stream.write('both')
    const bodies = await Promise.all([client.receive(), other.receive()])
    expect(bodies.map(({ body }) => body.toString('latin1'))).toEqual(['\x01both', '\x01both'])
  })

  it('does not lose what was written while nobody was there', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    client.send(`/idle/${id}/0`)
    await bench.arrived()
    await bench.disconnected(client)
    stream.write('kept')
    await bench.arrived()
    const other = await bench.raw()
    expect((await other.post(`/idle/${id}/0`)).body.toString('latin1')).toBe('\x01kept')
    expect((await other.post(`/idle/${id}/0`)).body.toString('latin1')).toBe('\x01kept')
  })

  it('goes on where a body broke off', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    client.write(`POST /send/${id}/0 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234`)
    expect(await read(stream, 5)).toBe('01234')
    await bench.disconnected(client)
    const other = await bench.raw()
    // The next request waits for the broken one.
    other.send(`/send/${id}/1`, 'abc')
    await bench.arrived()
    expect(stream.readableLength).toBe(0)
    const third = await bench.raw()
    expect((await third.post(`/send/${id}/0`, '0123456789')).body.length).toBe(1)
    expect((await other.receive()).status).toBe(200)
    expect(await read(stream, 8)).toBe('56789abc')
  })

  it('takes over from a body that hangs', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    client.write(`POST /send/${id}/0 HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n01`)
    expect(await read(stream, 2)).toBe('01')
    const other = await bench.raw()
    expect((await other.post(`/send/${id}/0`, '012345')).status).toBe(200)
    expect(await read(stream, 4)).toBe('2345')
    // The first is answered too, and its connection closed: the rest of its body would be read for nothing.
    client.write('2345')
    expect((await client.receive()).status).toBe(200)
    expect(stream.readableLength).toBe(0)
  })

  it('must be of the same kind', async () => {
    const bench = await clocked()
    const { client, id } = await opened(bench)
    client.send(`/idle/${id}/0`)
    await bench.arrived()
    const other = await bench.raw()
    expect((await other.post(`/send/${id}/0`, 'x')).status).toBe(400)
  })

  it('ends the session when a hundred long past have come', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    for (let sequence = 0; sequence < 4; sequence++) await client.post(`/send/${id}/${sequence}`, 'x')
    for (let count = 0; count < 100; count++) {
      expect([...(await client.post(`/send/${id}/0`, 'again')).body]).toEqual([1])
    }
    expect((await client.post(`/send/${id}/0`, 'again')).status).toBe(400)
    expect(await closing(stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_SEQUENCE' })
    expect(stream.read()?.toString()).toBe('xxxx')
  })
})

describe('requests in another order', () => {
  it('are fed in the order of their numbers', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, '0')
    const others = await Promise.all(Array.from({ length: 9 }, () => bench.raw()))
    for (const [index, other] of others.entries()) {
      other.send(`/send/${id}/${9 - index}`, String(9 - index))
      await bench.arrived()
    }
    for (const { status } of await Promise.all(others.map(other => other.receive()))) expect(status).toBe(200)
    expect(await read(stream, 10)).toBe('0123456789')
  })

  it('are answered in the order of the connection when pipelined the wrong way round', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    stream.write('data')
    client.send(`/send/${id}/1`, 'b')
    client.send(`/send/${id}/0`, 'a')
    const [first, second] = [await client.receive(), await client.receive()]
    // The answer to number 0, with the data, is the second on the connection.
    expect([first.body.toString('latin1'), second.body.toString('latin1')]).toEqual(['\x01', '\x01data'])
    expect(await read(stream, 2)).toBe('ab')
  })

  it('race for the same number on two connections, and one is fed', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    const racers = await Promise.all(Array.from({ length: 4 }, () => bench.raw()))
    for (const racer of racers) racer.send(`/send/${id}/0`, 'one')
    const replies = await Promise.all(racers.map(racer => racer.receive()))
    expect(replies.map(({ body }) => [...body])).toEqual([[1], [1], [1], [1]])
    await client.post(`/send/${id}/1`, 'two')
    expect(await read(stream, 6)).toBe('onetwo')
    expect(stream.readableLength).toBe(0)
  })

  it('end the session when the missing one does not come', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    const other = await bench.raw()
    await client.post(`/send/${id}/0`, 'x')
    client.send(`/send/${id}/2`, 'y')
    await bench.arrived()
    bench.pass(1)
    // What it repeats keeps the session itself.
    for (const seconds of [5_000, 5_000, 5_000]) {
      bench.pass(seconds)
      await other.post(`/send/${id}/0`, 'x')
    }
    expect(stream.destroyed).toBe(false)
    bench.pass(1)
    expect((await client.receive()).status).toBe(400)
    expect(await closing(stream)).toMatchObject({
      name: 'TunnelLimitError',
      code: 'RTMP_ERR_TUNNEL_SEQUENCE',
      message: 'request 1 missing for more than 15000 ms',
    })
  })

  it('end the session when they are too far ahead, or too many', async () => {
    const bench = await clocked()
    const far = await opened(bench)
    await far.client.post(`/send/${far.id}/0`, 'x')
    expect((await far.client.post(`/send/${far.id}/18`, 'x')).status).toBe(400)
    expect(await closing(far.stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_SEQUENCE' })

    const many = await opened(await clocked({ maxParkedRequests: 2 }))
    for (const sequence of [0, 2, 3]) many.client.send(`/send/${many.id}/${sequence}`, 'x')
    await many.client.receive()
    expect(many.stream.destroyed).toBe(false)
    many.client.send(`/idle/${many.id}/4`)
    const rest = [await many.client.receive(), await many.client.receive(), await many.client.receive()]
    expect(rest.at(-1)?.status).toBe(400)
    expect(await closing(many.stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_SEQUENCE' })
  })

  it.each(['x', '-1', '1.5', '9007199254740992'])('is not a number: %s', async number => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    expect((await client.post(`/send/${id}/${number}`, 'x')).status).toBe(400)
    expect(stream.destroyed).toBe(false)
  })
})

describe('/close', () => {
  it('comes after the requests that were made before it', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    for (const [sequence, word] of ['one', 'two', 'three'].entries()) client.send(`/send/${id}/${sequence}`, word)
    client.send(`/close/${id}/3`)
    await bench.arrived()
    let text = ''
    for await (const bytes of stream) text += String(bytes)
    expect(text).toBe('onetwothree')
  })

  it('comes after those that are still on their way on another connection', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'one')
    const other = await bench.raw()
    expect([...(await other.post(`/close/${id}/3`)).body]).toEqual([0])
    await bench.arrived()
    other.send(`/send/${id}/2`, 'three')
    await bench.arrived()
    expect((await client.post(`/send/${id}/1`, 'two')).status).toBe(200)
    let text = ''
    for await (const bytes of stream) text += String(bytes)
    expect(text).toBe('onetwothree')
  })

  it('waits no longer for those than gapTimeout', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'x')
    await client.post(`/close/${id}/2`)
    stream.resume()
    bench.pass(5_000)
    await bench.arrived()
    expect(stream.readableEnded).toBe(false)
    bench.pass(1)
    await new Promise(resolve => stream.once('end', resolve))
  })

  it('releases an idle that is held', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    const other = await bench.raw()
    const idle = client.post(`/idle/${id}/0`)
    await bench.arrived()
    await other.post(`/close/${id}/1`)
    expect((await idle).status).toBe(200)
    stream.resume()
    await new Promise(resolve => stream.once('end', resolve))
  })

  it('takes any number, and may be repeated', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    stream.resume().on('end', () => stream.end())
    await client.post(`/send/${id}/0`, 'x')
    for (let count = 0; count < 5; count++) {
      expect([...(await client.post(`/close/${id}/99`)).body]).toEqual([0])
    }
    expect(await closing(stream)).toBeUndefined()
    expect([...(await client.post(`/idle/${id}/1`)).body]).toEqual([0])
  })

  it('ends a session before it has begun', async () => {
    const bench = await clocked()
    const client = await bench.raw()
    const id = await client.open()
    expect([...(await client.post(`/close/${id}/0`)).body]).toEqual([0])
    expect([...(await client.post(`/send/${id}/0`, 'x')).body]).toEqual([0])
    expect(bench.accepted.all).toEqual([])
  })

  it('leaves the other direction open as long as the client polls', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'question')
    await client.post(`/close/${id}/1`)
    expect(await read(stream, 8)).toBe('question')
    stream.read()
    stream.write('answer')
    expect((await client.post(`/idle/${id}/1`)).body.toString('latin1')).toBe('\x01answer')
    stream.end('bye')
    expect((await client.post(`/idle/${id}/2`)).body.toString('latin1')).toBe('\x01bye')
    expect([...(await client.post(`/idle/${id}/3`)).body]).toEqual([0])
    stream.resume()
    expect(await closing(stream)).toBeUndefined()
  })

  it('throws away what the client does not come for', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'x')
    await client.post(`/close/${id}/1`)
    stream.resume().end('never fetched')
    await bench.arrived()
    bench.pass(2_001)
    expect(await closing(stream)).toBeUndefined()
  })
})
