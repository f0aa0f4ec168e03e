import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { type Clocked, clocked, closing, opened } from '../support/bench.ts'
import type { RawClient } from '../support/raw-client.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What a client of RTMP sends before its session counts. */
const handshake = Buffer.alloc(3_073)

/** Makes so many `/open` at once. */
async function open(client: RawClient, count: number): Promise<string[]> {
  for (let request = 0; request < count; request++) client.send('/open/1')
  const ids: string[] = []
  while (ids.length < count) ids.push((await client.receive()).body.toString().trimEnd())
  return ids
}

/** Comes in by all steps of a handshake, with what others do between them. */
async function victim(bench: Clocked, between: () => Promise<void>): Promise<{ client: RawClient; id: string }> {
  const client = await bench.raw()
  const id = await client.open()
  await between()
  expect((await client.post(`/send/${id}/0`, handshake.subarray(0, 1_537))).status).toBe(200)
  const stream = bench.accepted.all.at(-1)?.stream
  await between()
  stream?.write('S0S1S2')
  expect((await client.post(`/send/${id}/1`, handshake.subarray(1_537))).body.toString('latin1')).toBe('\x01S0S1S2')
  return { client, id }
}

// Tens of thousands of requests, which take as long as the processor has other things to do.
describe('/open', { timeout: 120_000 }, () => {
  it('keeps nobody out, when one address makes 1,000 a second', async () => {
    const bench = await clocked({ maxSessionsPerAddress: 100 })
    const attacker = await bench.raw()
    const victims = []
    for (let count = 0; count < 100; count++) {
      const flood = async () => {
        await open(attacker, 50)
        bench.pass(50)
      }
      victims.push(await victim(bench, flood))
    }
    expect(bench.sessions.size).toBe(100)
    for (const { client, id } of victims) expect((await client.post(`/send/${id}/2`, 'x')).status).toBe(200)
    expect(bench.errors).toEqual([])
  })

  it('keeps nobody out, when each is followed by a byte', async () => {
    const bench = await clocked({ maxSessions: 1_000, maxPending: 500 })
    const attacker = await bench.raw()
    const flood = async () => {
      for (const id of await open(attacker, 100)) attacker.send(`/send/${id}/0`, 'x')
      for (let count = 0; count < 100; count++) expect((await attacker.receive()).status).toBe(200)
      bench.pass(100)
    }
    const victims = []
    for (let count = 0; count < 20; count++) victims.push(await victim(bench, flood))
    for (const { client, id } of victims) expect((await client.post(`/send/${id}/2`, 'x')).status).toBe(200)
    // The last one to be no longer pending has made room for one that did not come.
    expect(bench.sessions.size).toBe(519)
  })

  it('costs no memory', async () => {
    const bench = await clocked()
    const attacker = await bench.raw()
    const measure = async () => {
      await open(attacker, 2_000)
      collect()
      return process.memoryUsage().heapUsed
    }
    await measure()
    const before = await measure()
    const count = 20_000
    for (let done = 2_000; done < count; done += 2_000) await measure()
    expect(((await measure()) - before) / count).toBeLessThan(100)
    expect(bench.sessions.size).toBe(0)
  })
})

describe('an id', () => {
  it('is good for 10 s until its session begins', async () => {
    const bench = await clocked()
    const client = await bench.raw()
    const [early, late] = await open(client, 2)
    bench.pass(10_000)
    expect((await client.post(`/send/${early}/0`, 'x')).status).toBe(200)
    bench.pass(1)
    expect((await client.post(`/send/${late}/0`, 'x')).status).toBe(404)
    expect((await client.post(`/send/${early}/1`, 'x')).status).toBe(200)
  })

  it('is good for one session', async () => {
    const bench = await clocked()
    const { client, id, stream } = await opened(bench)
    await client.post(`/send/${id}/0`, 'x')
    stream.destroy()
    await closing(stream)
    for (let count = 0; count < 3; count++) expect([...(await client.post(`/send/${id}/1`, 'x')).body]).toEqual([0])
    expect((await client.post(`/send/${id}/1`, 'x')).status).toBe(404)
    expect(bench.accepted.all.length).toBe(1)
  })

  it('begins no session by a request without a number, or one that is too long', async () => {
    const bench = await clocked()
    const client = await bench.raw()
    const id = await client.open()
    expect((await client.post(`/send/${id}/x`, 'x')).status).toBe(400)
    const other = await bench.raw()
    expect((await other.post(`/idle/${id}/0`, 'x'.repeat(1_025))).status).toBe(413)
    expect(bench.accepted.all).toEqual([])
  })
})
