import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { clocked, closing, listening, opened, read } from '../support/bench.ts'
import { type Habit, HabitualClient } from '../support/habitual-client.ts'

const habits: Record<string, Habit> = {
  'FFmpeg, which sends a byte to open, poll and close': {},
  'Flash Player, with two connections, which begins with a poll': { connections: 2, polls: true },
  'Flash Player, with four connections, which never closes': { connections: 4, close: undefined },
  'HaishinKit, with a connection for each request': {
    connections: 0,
    idle: 'idel',
    dummy: '',
    close: id => `/close/${id}`,
  },
  'flowplayer, which never closes': { polls: true, close: undefined },
  'Red5, which counts from 1': { first: 1 },
  'Shumway, which closes without an id': { close: () => '/close/2' },
  'RootEncoder, which begins with a poll and throws away what a /send brings': { polls: true, ignoresSend: true },
  'a client of HTTP/1.0': { version: '1.0', connections: 0, headers: [] },
  'a client that sends absolute URIs': { host: 'http://tunnel.example.com:80' },
  'a client that sends chunks': { chunked: true },
  'a client that names no content type': { headers: [] },
  'a client that expects 100 Continue': { expects: true },
  'a client whose polls are empty': { dummy: '' },
}

describe('exact in both directions for', () => {
  it.each(Object.entries(habits))('%s', async (_, habit) => {
    const bench = await listening()
    const client = new HabitualClient(habit, bench.raw)
    const stream = bench.accepted.nextStream()
    const [up, down] = [randomBytes(100_000), randomBytes(100_000)]
    const came: Buffer[] = []
    stream.on('data', (bytes: Buffer) => void came.push(bytes))
    await client.open()
    for (let at = 0; at < up.length; at += 5_000) {
      await client.send(up.subarray(at, at + 5_000))
      stream.write(down.subarray(at, at + 5_000))
      if (at % 10_000 === 0) await client.poll()
    }
    for (let polls = 0; client.received.length < down.length && polls < 20; polls++) await client.poll()
    await client.settle()
    expect(client.received.equals(down)).toBe(true)
    expect(Buffer.concat(came).equals(up)).toBe(true)
    await client.close()
    stream.end()
  })
})

describe('a session that begins with a poll', () => {
  it('has data on polls only', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    stream.on('data', () => stream.write('S0S1S2'))
    const idle = client.post(`/idle/${id}/0`)
    await bench.arrived()
    bench.pass(251)
    expect([...(await idle).body]).toEqual([1])
    expect([...(await client.post(`/send/${id}/1`, 'C0C1')).body]).toEqual([1])
    expect((await client.post(`/idle/${id}/2`)).body.toString('latin1')).toBe('\x01S0S1S2')
  })
})

describe('a client that is gone', () => {
  it('is missed after five intervals between polls, and 3 s at least; its session waits on', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'x')
    const { seemsGone } = bench.accepted.all[0] ?? {}
    bench.pass(2_999)
    expect(seemsGone?.()).toBe(false)
    bench.pass(1)
    expect(seemsGone?.()).toBe(true)
    bench.pass(9_000)
    expect(stream.destroyed).toBe(false)
    // Its proxy was restarted.
    stream.write('still here')
    expect((await client.post(`/idle/${id}/1`)).body.toString('latin1')).toBe('\x01still here')
    expect(seemsGone?.()).toBe(false)
  })

  it('is not one whose poll is held', async () => {
    const bench = await clocked({ idleHold: 60_000 })
    const { client, id } = await opened(bench)
    client.send(`/idle/${id}/0`)
    await bench.arrived()
    bench.pass(5_000)
    expect(bench.accepted.all[0]?.seemsGone?.()).toBe(false)
    client.destroy()
  })
})

describe('a client that repeats what it got no answer to', () => {
  it('gets both answers that it may wait for, however many it got meanwhile', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    stream.resume()
    await client.post(`/send/${id}/0`, 'x')
    stream.write('lost')
    expect((await client.post(`/idle/${id}/1`)).body.toString('latin1')).toBe('\x01lost')
    for (let number = 2; number < 10; number++) await client.post(`/send/${id}/${number}`, 'x')
    expect((await client.post(`/idle/${id}/1`)).body.toString('latin1')).toBe('\x01lost')
    expect((await client.post(`/send/${id}/9`, 'x')).status).toBe(200)
  })

  it('gets the last answer of a session that has ended', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    stream.resume().on('end', () => stream.end('answer'))
    await client.post(`/send/${id}/0`, 'question')
    await client.post(`/close/${id}/1`)
    expect((await client.post(`/idle/${id}/1`)).body.toString('latin1')).toBe('\x01answer')
    await closing(stream)
    expect((await client.post(`/idle/${id}/1`)).body.toString('latin1')).toBe('\x01answer')
    expect([...(await client.post(`/idle/${id}/2`)).body]).toEqual([0])
  })

  it('may do so as often as its line breaks', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    stream.resume()
    for (let number = 0; number < 450; number += 3) {
      for (let next = number; next < number + 3; next++) await client.post(`/send/${id}/${next}`, 'x')
      expect((await client.post(`/send/${id}/${number}`, 'x')).status).toBe(200)
    }
    expect(stream.destroyed).toBe(false)
  })

  it('has 15 s for what is missing, and for a body that broke off: a proxy is restarted', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    client.write(`POST /send/${id}/0 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab`)
    expect(await read(stream, 2)).toBe('ab')
    const other = await bench.raw()
    other.send(`/send/${id}/2`, 'gh')
    await bench.arrived()
    await bench.disconnected(client)
    bench.pass(1)
    bench.pass(12_000)
    const again = await bench.raw()
    again.write(`POST /send/${id}/0 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabc`)
    expect(await read(stream, 1)).toBe('c')
    bench.pass(2_000)
    again.write('d')
    expect((await again.receive()).status).toBe(200)
    expect((await again.post(`/send/${id}/1`, 'ef')).status).toBe(200)
    expect(await read(stream, 5)).toBe('defgh')
    stream.destroy()
    await closing(stream)
  })
})
