import { randomBytes } from 'node:crypto'
import { expect, vi } from 'vitest'
import { closing, read } from './bench.ts'
import { type Habit, HabitualClient } from './habitual-client.ts'
import type { TunnelProcess } from './tunnel-process.ts'

/**
 * What must hold for requests that come to another process, whatever joins the processes. They are named n0, n1 …, and the
 * session is in the first.
 */
export type HandOverCase = readonly [name: string, run: (processes: readonly TunnelProcess[]) => Promise<void>]

type Two = readonly [TunnelProcess, TunnelProcess]

const habits: [what: string, habit: Habit][] = [
  ['a connection for each request', { connections: 0 }],
  ['four connections in parallel, chunks, polls first', { connections: 4, chunked: true, polls: true }],
]

async function isExact(processes: readonly TunnelProcess[], habit: Habit): Promise<void> {
  let turn = 0
  const client = new HabitualClient(habit, () => (processes[turn++ % processes.length] as TunnelProcess).raw())
  const stream = (processes[0] as TunnelProcess).accepted.nextStream()
  const [up, down] = [randomBytes(1_000_000), randomBytes(1_000_000)]
  const came: Buffer[] = []
  stream.on('data', (bytes: Buffer) => void came.push(bytes))
  await client.open()
  for (let at = 0; at < up.length; at += 50_000) {
    await client.send(up.subarray(at, at + 50_000))
    stream.write(down.subarray(at, at + 50_000))
    await client.poll()
  }
  for (let polls = 0; client.received.length < down.length && polls < 20; polls++) await client.poll()
  await client.settle()
  expect(client.received.equals(down)).toBe(true)
  expect(Buffer.concat(came).equals(up)).toBe(true)
  await client.close()
  stream.end()
  await closing(stream)
  expect(processes.map(({ sessions }) => sessions.size)).toEqual(processes.map(() => 0))
}

/** Requests that come to one process after the other. */
export const exactCases: readonly HandOverCase[] = habits.map(([what, habit]) => [
  `requests to each process in turn are exact, from a client with ${what}`,
  processes => isExact(processes, habit),
])

export const handOverCases: readonly HandOverCase[] = [
  ...exactCases,
  [
    'a session begins in its process, with the address of who opened it',
    async processes => {
      const [first, second] = processes as Two
      const id = await (await first.raw()).open()
      expect(id).toMatch(/^n0[A-Za-z0-9]{51}$/)
      const client = await second.raw()
      expect((await client.post(`/send/${id}/0`, 'x')).status).toBe(200)
      const { stream, remote } = await first.accepted.next()
      expect(remote).toEqual({ address: '127.0.0.1', port: client.socket.localPort })
      expect(await read(stream, 1)).toBe('x')
      expect([first.sessions.size, second.sessions.size]).toEqual([1, 0])
    },
  ],
  [
    'a session keeps what nobody could take: a client that leaves asks again',
    async processes => {
      const [first, second] = processes as Two
      const id = await (await first.raw()).open()
      const stream = first.accepted.nextStream()
      const client = await second.raw()
      await client.post(`/send/${id}/0`, 'x')
      const take = vi.spyOn(first.sessions, 'take')
      client.send(`/idle/${id}/1`)
      await vi.waitFor(() => expect(take).toHaveBeenCalled())
      const handed = take.mock.calls[0]?.[0].post
      client.destroy()
      await vi.waitFor(() => expect(handed?.gone).toBe(true))
      stream.write('kept')
      const given = await second.raw()
      expect((await given.post(`/idle/${id}/1`)).body.toString('latin1')).toBe('\x01kept')
    },
  ],
  [
    'a client is told what is wrong with a request as the process of its session would',
    async processes => {
      const [first, second] = processes as Two
      const id = await (await first.raw()).open()
      const ask = async (path: string, body?: string) => (await (await second.raw()).post(path, body)).status
      expect(await ask(`/send/${id}/x`, 'x')).toBe(400)
      expect(await ask(`/idle/${id}/0`, 'x'.repeat(1_025))).toBe(413)
      expect(await ask(`/send/${id.slice(0, -1)}!/0`, 'x')).toBe(404)
      expect(await ask(`/send/${id.slice(0, -3)}AAA/0`, 'x')).toBe(404)
      expect(await ask(`/send/other${id.slice(2)}/0`, 'x')).toBe(404)
      // A path could not have these.
      for (const odd of ['%20', '%0D%0A', '%E2%82%AC', '%2F', '%3F'])
        expect(await ask(`/send/${id.slice(0, -1)}${odd}/0`, 'x')).toBe(404)
      expect(await ask(`/send/${id}/0`, 'x'.repeat(4 * 1024 * 1024 + 1))).toBe(413)
      expect(await ask(`/close/${id}`)).toBe(200)
      expect([...(await (await first.raw()).post(`/send/${id}/0`, 'x')).body]).toEqual([0])
    },
  ],
]
