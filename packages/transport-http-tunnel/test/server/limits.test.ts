import { describe, expect, it } from 'vitest'
import { defaultTunnelLimits } from '../../src/index.ts'
import { resolveTunnelLimits } from '../../src/limits.ts'
import { clocked, closing, listening, opened, read, turns } from '../support/bench.ts'

/** What a client of RTMP sends before its session counts. */
const handshake = Buffer.alloc(3_073)

describe('limits on sessions', () => {
  it('refuses more than maxSessions, and lets in again when one has gone', async () => {
    const bench = await clocked({ maxSessions: 2 })
    const { client, id, stream } = await opened(bench)
    const second = await opened(bench)
    await client.post(`/send/${id}/0`, handshake)
    await second.client.post(`/send/${second.id}/0`, handshake)
    const { status, head, body } = await client.post('/open/1')
    expect([status, body.toString()]).toEqual([503, 'no more sessions\n'])
    expect(head).toContain('\r\nConnection: close')
    expect(bench.errors).toMatchObject([{ code: 'RTMP_ERR_TUNNEL_SESSIONS' }])
    stream.destroy()
    await closing(stream)
    const other = await opened(bench)
    expect((await other.client.post(`/send/${other.id}/0`, handshake)).status).toBe(200)
    expect(bench.sessions.size).toBe(2)
  })

  it('refuses a session that begins when there are maxSessions, though its /open came before', async () => {
    const bench = await clocked({ maxSessions: 1 })
    const early = await bench.raw()
    const id = await early.open()
    const { client, id: other } = await opened(bench)
    await client.post(`/send/${other}/0`, handshake)
    expect((await early.post(`/send/${id}/0`, 'x')).status).toBe(503)
    expect(bench.sessions.size).toBe(1)
  })

  it('refuses more than maxSessionsPerAddress', async () => {
    const bench = await clocked({ maxSessionsPerAddress: 1 })
    const { client, id } = await opened(bench)
    await client.post(`/send/${id}/0`, handshake)
    expect((await client.post('/open/1')).status).toBe(503)
    expect(bench.errors[0]?.message).toContain('127.0.0.1')
  })

  it('ends a session whose handshake makes it one more than maxSessionsPerAddress', async () => {
    const bench = await clocked({ maxSessionsPerAddress: 1 })
    const first = await opened(bench)
    const second = await opened(bench)
    await first.client.post(`/send/${first.id}/0`, handshake.subarray(1))
    await second.client.post(`/send/${second.id}/0`, handshake)
    await first.client.post(`/send/${first.id}/1`, 'x')
    expect(await closing(first.stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_SESSIONS' })
    expect(second.stream.destroyed).toBe(false)
    expect(bench.errors).toMatchObject([{ code: 'RTMP_ERR_TUNNEL_SESSIONS' }])
  })

  it('ends the oldest pending session for one more than maxPending', async () => {
    const bench = await clocked({ maxPending: 2 })
    const done = await opened(bench)
    await done.client.post(`/send/${done.id}/0`, handshake)
    const pending = []
    for (let count = 0; count < 3; count++) {
      const session = await opened(bench)
      expect((await session.client.post(`/send/${session.id}/0`, 'x')).status).toBe(200)
      pending.push(session)
    }
    const [oldest, ...others] = pending
    expect(await closing((oldest as (typeof pending)[number]).stream)).toMatchObject({
      code: 'RTMP_ERR_TUNNEL_SESSIONS',
    })
    expect([done, ...others].map(({ stream }) => stream.destroyed)).toEqual([false, false, false])
    expect(bench.sessions.size).toBe(3)
  })

  it('ends a pending session when there are maxSessions', async () => {
    const bench = await clocked({ maxSessions: 1 })
    const pending = await opened(bench)
    await pending.client.post(`/send/${pending.id}/0`, 'x')
    const { client, id } = await opened(bench)
    expect((await client.post(`/send/${id}/0`, handshake)).status).toBe(200)
    expect(await closing(pending.stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_SESSIONS' })
    expect([...(await pending.client.post(`/send/${pending.id}/1`, 'x')).body]).toEqual([0])
  })

  it('lets a thousand players in from behind one address', async () => {
    const bench = await clocked()
    for (let count = 0; count < 1_000; count++) {
      const client = count % 100 === 0 ? await bench.raw() : undefined
      const connection = client ?? (await bench.raw())
      const { id } = { id: await connection.open() }
      expect((await connection.post(`/send/${id}/0`, 'x')).status).toBe(200)
      connection.destroy()
    }
    expect(bench.sessions.size).toBe(1_000)
  })
})

describe('limits on time', () => {
  it('ends a session that never sends', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    for (let sequence = 0; sequence < 10; sequence++) {
      const idle = client.post(`/idle/${id}/${sequence}`)
      await bench.arrived()
      bench.pass(1_000)
      expect((await idle).status).toBe(200)
    }
    expect(stream.destroyed).toBe(false)
    bench.pass(1)
    expect(await closing(stream)).toMatchObject({ name: 'TunnelLimitError', code: 'RTMP_ERR_TUNNEL_OPEN_TIMEOUT' })
  })

  it('ends a session that nobody asks for', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'x')
    bench.pass(15_000)
    expect(stream.destroyed).toBe(false)
    bench.pass(1)
    expect(await closing(stream)).toMatchObject({ name: 'TunnelLimitError', code: 'RTMP_ERR_TUNNEL_IDLE_TIMEOUT' })
    expect(bench.sessions.size).toBe(0)
    // Told calmly three times, then by an error.
    for (let sequence = 1; sequence <= 3; sequence++) {
      expect([...(await client.post(`/idle/${id}/${sequence}`)).body]).toEqual([0])
    }
    expect((await client.post(`/idle/${id}/4`)).status).toBe(404)
  })

  it('answers an idle that finds nothing after idleHold', async () => {
    const bench = await clocked({ idleHold: 500 })
    const { client, id } = await opened(bench)
    let answered = false
    const idle = client.post(`/idle/${id}/0`).then(() => (answered = true))
    await bench.arrived()
    bench.pass(499)
    await turns()
    expect(answered).toBe(false)
    bench.pass(1)
    await idle
  })

  it('answers polls at full speed no more often than every 10 ms', async () => {
    const bench = await clocked()
    const { client, id } = await opened(bench)
    for (let sequence = 0; sequence < 20; sequence++) client.send(`/idle/${id}/${sequence}`)
    await client.receive()
    for (let count = 2; count < 20; count++) {
      let early = false
      const next = client.receive().then(() => (early = true))
      await bench.arrived()
      bench.pass(9)
      await turns()
      expect(early).toBe(false)
      bench.pass(1)
      await next
    }
  })

  it('does not wait for a body for ever', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    client.write(`POST /send/${id}/0 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n`)
    for (let second = 0; second < 10; second++) {
      client.write('x')
      await read(stream, 1)
      bench.pass(1_000)
    }
    expect(stream.destroyed).toBe(false)
    bench.pass(1)
    // It has had a status line already, so that it sends its body.
    expect(String(await client.receivedAtLeast(1))).toBe('HTTP/1.1 200 OK\r\n')
    await client.ended()
    expect(await closing(stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_BODY_TIMEOUT' })
  })

  it('does not wait for ever for a broken body to be sent again', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    client.write(`POST /send/${id}/0 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx`)
    await read(stream, 1)
    await bench.disconnected(client)
    bench.pass(1)
    bench.pass(15_001)
    expect(await closing(stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_BODY_TIMEOUT' })
  })
})

describe('limits on length', () => {
  it('refuses a body by its declared length before it comes', async () => {
    const bench = await clocked({ maxBodyLength: 1_000 })
    const { client, id, stream } = await opened(bench)
    client.write(`POST /send/${id}/0 HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n`)
    const { status, head } = await client.receive()
    expect(status).toBe(413)
    expect(head).toContain('\r\nConnection: close')
    await client.ended()
    expect(await closing(stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_BODY_LENGTH' })
  })

  it('accepts a chunked body up to the same length', async () => {
    const bench = await clocked({ maxBodyLength: 1_000 })
    const head = (id: string, sequence: number): string =>
      `POST /send/${id}/${sequence} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`
    const { client, id, stream } = await opened(bench)
    client.write(`${head(id, 0)}4\r\nfour\r\n3\r\nsix\r\n0\r\n\r\n`)
    expect((await client.receive()).status).toBe(200)
    expect(await read(stream, 7)).toBe('foursix')
    client.write(`${head(id, 1)}3e9\r\n${'x'.repeat(1001)}\r\n`)
    expect((await client.receive()).status).toBe(413)
    expect(await closing(stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_BODY_LENGTH' })
  })

  it('takes the default 4 MiB at once, which librtmp posts for a large message', async () => {
    const bench = await listening()
    const { client, id, stream } = await opened(bench)
    const body = Buffer.alloc(defaultTunnelLimits.maxBodyLength, 'abcdefg')
    const chunks: Buffer[] = []
    stream.on('data', (bytes: Buffer) => chunks.push(bytes))
    expect((await client.post(`/send/${id}/0`, body)).status).toBe(200)
    expect(Buffer.concat(chunks).equals(body)).toBe(true)
  })

  it.each(['idle', 'close', 'open'])('expects no body to speak of for /%s', async kind => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    const path = kind === 'open' ? '/open/1' : `/${kind}/${id}/0`
    client.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1025\r\n\r\n`)
    expect((await client.receive()).status).toBe(413)
    expect(stream.destroyed).toBe(false)
  })

  it('ends a session whose client does not fetch what is written', async () => {
    const bench = await clocked({ maxBufferedBytes: 1_000 })
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'x')
    for (let count = 0; count < 3; count++) stream.write(Buffer.alloc(900))
    expect(await closing(stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_BUFFER' })
    expect([...(await client.post(`/idle/${id}/1`)).body]).toEqual([0])
  })
})

describe('guessing session ids', () => {
  it('is answered late after twenty misses, and then the connection closes', async () => {
    const bench = await clocked()
    const client = await bench.raw()
    for (let count = 0; count < 20; count++) expect((await client.post(`/send/guess${count}/0`, 'x')).status).toBe(404)
    let answered = false
    client.send('/idle/guess/0')
    const late = client.receive().then(reply => {
      answered = true
      return reply
    })
    await bench.arrived()
    bench.pass(999)
    await turns()
    expect(answered).toBe(false)
    bench.pass(1)
    const { status, head } = await late
    expect(status).toBe(404)
    expect(head).toContain('\r\nConnection: close')
  })

  it('does not tell a wrong second half of an id from a wrong id', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    const wrong = id.slice(0, 12) + 'A'.repeat(12)
    for (const path of [`/send/${wrong}/0`, `/idle/${wrong}/0`]) expect((await client.post(path)).status).toBe(404)
    await client.post(`/close/${wrong}/0`)
    await turns()
    expect(stream.readableEnded || stream.destroyed).toBe(false)
    expect((await client.post(`/send/${id}/0`, 'x')).status).toBe(200)
  })

  it.each(['__proto__', 'constructor', '%00', '..%2f', 'a'.repeat(90)])('takes %s for an unknown id', async id => {
    const bench = await clocked()
    const client = await bench.raw()
    expect((await client.post(`/idle/${id}/0`)).status).toBe(404)
  })
})

describe('resolveTunnelLimits', () => {
  it('fills in the documented defaults', () => {
    expect(resolveTunnelLimits({ idleTimeout: 1 })).toEqual({ ...defaultTunnelLimits, idleTimeout: 1 })
  })

  it.each([
    { maxSessions: Number.NaN },
    { idleTimeout: -1 },
    { idleHold: 9 },
    { maxBodyLength: '1' as unknown as number },
  ])('refuses %j', limits =>
    expect(() => resolveTunnelLimits(limits)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_TUNNEL_OPTION' })),
  )
})
