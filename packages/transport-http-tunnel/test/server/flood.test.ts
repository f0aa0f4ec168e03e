import { describe, expect, it } from 'vitest'
import { type Clocked, clocked, closing, opened, turns } from '../support/bench.ts'
import type { RawClient } from '../support/raw-client.ts'

const MIB = 2 ** 20

/** Makes so many requests in order, from number `first` on, that wait for an earlier one: each connection carries a few. */
async function flood(bench: Clocked, id: string, first: number, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = []
  for (let sequence = first; sequence < first + count; ) {
    const client = await bench.raw()
    const requests: string[] = []
    for (; sequence < first + count && requests.length < 600; sequence++) {
      requests.push(`POST /send/${id}/${sequence} HTTP/1.1\r\nHost:\r\n\r\n`)
    }
    client.socket.write(requests.join(''))
    client.sent += requests.length
    await bench.arrived()
    clients.push(client)
  }
  return clients
}

/** A session of which request 0 does not come to an end. */
async function stuck(bench: Clocked): ReturnType<typeof opened> {
  const session = await opened(bench)
  session.stream.on('error', () => {})
  session.client.write(`POST /send/${session.id}/0 HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx`)
  await bench.arrived()
  return session
}

describe('requests that wait', () => {
  it('end their session, and lose their connections, when there are more than one reading may bring', async () => {
    const bench = await clocked()
    const { id, stream } = await stuck(bench)
    const clients = await flood(bench, id, 1, 2_048)
    expect(stream.destroyed).toBe(false)
    clients.push(...(await flood(bench, id, 2_049, 1)))
    expect(await closing(stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_SEQUENCE' })
    for (const client of clients) await client.ended()
  })

  it('end the session that adds to too many of all sessions, and not one that has few', async () => {
    const bench = await clocked()
    const honest = await stuck(bench)
    const greedy = []
    for (let count = 0; count < 8; count++) {
      const session = await stuck(bench)
      await flood(bench, session.id, 1, 2_048)
      greedy.push(session)
    }
    expect(bench.sessions.size).toBe(9)
    await flood(bench, honest.id, 1, 16)
    expect(honest.stream.destroyed).toBe(false)
    const another = await stuck(bench)
    await flood(bench, another.id, 1, 17)
    expect(await closing(another.stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_SEQUENCE' })
    // Those of a session that has ended do not count.
    greedy[0]?.stream.destroy()
    await flood(bench, honest.id, 17, 100)
    expect(honest.stream.destroyed).toBe(false)
  })
})

it('ends a session that does not read its answers, whatever else it asks', async () => {
  const bench = await clocked()
  const { client, id, stream } = await opened(bench)
  await client.post(`/send/${id}/0`, 'x')
  await client.post(`/send/${id}/1`, 'x')
  client.socket.pause()
  stream.on('error', () => {})
  const piece = Buffer.alloc(256 * 1024, 'a')
  const write = (): void => void stream.write(piece, error => !error && write())
  write()
  for (let sequence = 2; sequence < 2 + 64 * 4; sequence++) client.send(`/idle/${id}/${sequence}`)
  let before = -1
  while (before !== client.socket.writableLength || stream.writableLength < MIB / 4) {
    before = client.socket.writableLength
    await turns(20)
    bench.pass(1)
  }
  for (let seconds = 0; seconds < 15; seconds += 5) {
    expect(stream.destroyed).toBe(false)
    const other = await bench.raw()
    expect((await other.post(`/idle/${id}/0`)).status).toBe(200)
    bench.pass(5_000)
  }
  bench.pass(1)
  expect(await closing(stream)).toMatchObject({ code: 'RTMP_ERR_TUNNEL_IDLE_TIMEOUT' })
})
