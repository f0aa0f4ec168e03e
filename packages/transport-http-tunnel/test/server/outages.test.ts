// What a client that asks again needs of the server.

import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { clocked, opened, read } from '../support/bench.ts'

/** Milliseconds that a proxy may be away, and clients ask again. */
const OUTAGE = 10_000

describe('a proxy that is away for 10 s', () => {
  it('does not cost a session whose request it swallowed', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'first')
    client.send(`/send/${id}/2`, 'third')
    await bench.arrived()
    await bench.disconnected(client)
    for (let waited = 0; waited < OUTAGE; waited += 500) bench.pass(500)
    expect(stream.destroyed).toBe(false)
    const after = await bench.raw()
    after.send(`/send/${id}/1`, 'second')
    expect(await read(stream, 16)).toBe('firstsecondthird')
    expect((await after.receive()).status).toBe(200)
  })

  it('does not cost a session whose request it cut off', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'first')
    client.write(`POST /send/${id}/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nsec`)
    await bench.arrived()
    await bench.disconnected(client)
    for (let waited = 0; waited < OUTAGE; waited += 500) bench.pass(500)
    expect(stream.destroyed).toBe(false)
    const after = await bench.raw()
    after.send(`/send/${id}/1`, 'second')
    expect(await read(stream, 11)).toBe('firstsecond')
    expect((await after.receive()).status).toBe(200)
  })
})

describe('the last reply of a session, lost on its way', () => {
  it('is given again when the client had closed its direction', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'question')
    await client.post(`/close/${id}/1`)
    await once(stream.resume(), 'end')
    stream.end('answer')
    expect((await client.post(`/idle/${id}/1`)).body.toString('latin1')).toBe('\x01answer')
    expect((await client.post(`/idle/${id}/1`)).body.toString('latin1')).toBe('\x01answer')
  })
})

describe('requests that come again long after', () => {
  it('do not add up over the hours', async () => {
    const bench = await clocked()
    const { client, id } = await opened(bench)
    for (let sequence = 0; sequence < 6; sequence++) await client.post(`/send/${id}/${sequence}`, 'x')
    for (let again = 0; again < 150; again++) {
      expect((await client.post(`/send/${id}/0`, 'x')).status).toBe(200)
      client.send(`/idle/${id}/${6 + again}`)
      await bench.arrived()
      bench.pass(10_000)
      expect((await client.receive()).status).toBe(200)
    }
  })
})
