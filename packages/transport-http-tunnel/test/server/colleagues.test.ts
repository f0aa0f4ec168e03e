import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { addTunnelRoutes } from '../../src/server/add-tunnel-routes.ts'
import { ColleagueServer } from '../../src/server/colleague-server.ts'
import type { Colleagues } from '../../src/server/colleagues.ts'
import { TunnelServer } from '../../src/server/tunnel-server.ts'
import { UnixColleagues } from '../../src/server/unix-colleagues.ts'
import { Accepted, closing, read } from '../support/bench.ts'
import { type Habit, HabitualClient } from '../support/habitual-client.ts'
import { RawClient } from '../support/raw-client.ts'

interface Process {
  readonly sessions: TunnelServer
  readonly accepted: Accepted
  readonly port: number
}

async function serve(name: string, colleagues: Colleagues): Promise<Process> {
  const accepted = new Accepted()
  const sessions = new TunnelServer({ name, colleagues, accept: accepted.accept })
  let http: Server | undefined
  const app = fastify({ serverFactory: handler => (http = createServer(handler)) })
  addTunnelRoutes(app, sessions)
  await app.ready()
  const server = http as unknown as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    sessions.destroy()
    server.closeAllConnections()
    await app.close()
  })
  return { sessions, accepted, port: (server.address() as AddressInfo).port }
}

/** Several in this process. */
async function inMemory(count: number): Promise<Process[]> {
  const processes = new Map<string, Process>()
  const colleagues: Colleagues = {
    handOver(name, request) {
      const process = processes.get(name)
      process?.sessions.take(request)
      return process !== undefined
    },
  }
  for (let index = 0; index < count; index++) processes.set(`n${index}`, await serve(`n${index}`, colleagues))
  return [...processes.values()]
}

interface Joined {
  readonly processes: Process[]
  readonly servers: ColleagueServer[]
}

/** Several that have a Unix socket each, as processes of a machine do. */
async function byUnixSockets(count: number): Promise<Joined> {
  const folder = await mkdtemp(join(tmpdir(), 'rtmpipe-test-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const pathOf = (name: string) => join(folder, `${name}.sock`)
  const processes: Process[] = []
  const servers: ColleagueServer[] = []
  for (let index = 0; index < count; index++) {
    const colleagues = new UnixColleagues(pathOf)
    onTestFinished(() => colleagues.close())
    const process = await serve(`n${index}`, colleagues)
    const server = await ColleagueServer.listen(pathOf(`n${index}`), request => process.sessions.take(request))
    onTestFinished(() => server.close())
    processes.push(process)
    servers.push(server)
  }
  return { processes, servers }
}

function raw(port: number): Promise<RawClient> {
  return RawClient.connect(port).then(client => {
    onTestFinished(() => client.destroy())
    return client
  })
}

/** Connects to one after the other. */
function inTurn(processes: readonly Process[]): () => Promise<RawClient> {
  let turn = 0
  return () => raw((processes[turn++ % processes.length] as Process).port)
}

async function exchange(processes: readonly Process[], habit: Habit): Promise<void> {
  const client = new HabitualClient(habit, inTurn(processes))
  const stream = (processes[0] as Process).accepted.nextStream()
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

const habits: [what: string, habit: Habit][] = [
  ['a connection for each request', { connections: 0 }],
  ['four connections in parallel, chunks, polls first', { connections: 4, chunked: true, polls: true }],
]

describe.each(habits)('requests that come to another process, from a client with %s', (_, habit) => {
  it('are exact with two processes joined in memory', async () => exchange(await inMemory(2), habit))

  it('are exact with four processes joined by Unix sockets', async () => {
    const { processes } = await byUnixSockets(4)
    await exchange(processes, habit)
  })
})

describe('a session of another process', () => {
  it('begins there, with the address of who opened it', async () => {
    const { processes } = await byUnixSockets(2)
    const [first, second] = processes as [Process, Process]
    const id = await (await raw(first.port)).open()
    expect(id).toMatch(/^n0[A-Za-z0-9]{51}$/)
    const client = await raw(second.port)
    expect((await client.post(`/send/${id}/0`, 'x')).status).toBe(200)
    const { stream, remote } = await first.accepted.next()
    expect(remote).toEqual({ address: '127.0.0.1', port: client.socket.localPort })
    expect(await read(stream, 1)).toBe('x')
    expect([first.sessions.size, second.sessions.size]).toEqual([1, 0])
  })

  it('keeps what nobody could take: a client that leaves asks again', async () => {
    const { processes } = await byUnixSockets(2)
    const [first, second] = processes as [Process, Process]
    const id = await (await raw(first.port)).open()
    const stream = first.accepted.nextStream()
    const client = await raw(second.port)
    await client.post(`/send/${id}/0`, 'x')
    const take = vi.spyOn(first.sessions, 'take')
    client.send(`/idle/${id}/1`)
    await vi.waitFor(() => expect(take).toHaveBeenCalled())
    const handed = take.mock.calls[0]?.[0].post
    client.destroy()
    await vi.waitFor(() => expect(handed?.gone).toBe(true))
    stream.write('kept')
    const given = await raw(second.port)
    expect((await given.post(`/idle/${id}/1`)).body.toString('latin1')).toBe('\x01kept')
  })

  it('is told what is wrong with a request as its own process would', async () => {
    const { processes } = await byUnixSockets(2)
    const [first, second] = processes as [Process, Process]
    const id = await (await raw(first.port)).open()
    const ask = async (path: string, body?: string) => (await (await raw(second.port)).post(path, body)).status
    expect(await ask(`/send/${id}/x`, 'x')).toBe(400)
    expect(await ask(`/idle/${id}/0`, 'x'.repeat(1_025))).toBe(413)
    expect(await ask(`/send/${id.slice(0, -1)}!/0`, 'x')).toBe(404)
    expect(await ask(`/send/${id.slice(0, -3)}AAA/0`, 'x')).toBe(404)
    // A path could not have these.
    for (const odd of ['%20', '%0D%0A', '%E2%82%AC', '%2F', '%3F'])
      expect(await ask(`/send/${id.slice(0, -1)}${odd}/0`, 'x')).toBe(404)
    expect(await ask(`/close/${id}`)).toBe(200)
    expect([...(await (await raw(first.port)).post(`/send/${id}/0`, 'x')).body]).toEqual([0])
  })

  it('is gone with its process, and may be asked for again while that does not answer', async () => {
    const { processes, servers } = await byUnixSockets(2)
    const [first, second] = processes as [Process, Process]
    const id = await (await raw(first.port)).open()
    const client = await raw(second.port)
    await client.post(`/send/${id}/0`, 'x')
    const take = vi.spyOn(first.sessions, 'take')
    client.send(`/idle/${id}/1`)
    await vi.waitFor(() => expect(take).toHaveBeenCalled())
    const given = await raw(second.port)
    await servers[0]?.close()
    expect((await client.receive()).status).toBe(503)
    expect((await given.post(`/idle/${id}/1`)).status).toBe(404)
    expect((await (await raw(second.port)).post(`/idle/other${id.slice(2)}/1`)).status).toBe(404)
  })
})

describe('what no session can have as its id', () => {
  it('does no harm behind more answers than a connection takes', async () => {
    const { processes } = await byUnixSockets(2)
    const [first, second] = processes as [Process, Process]
    const id = await (await raw(first.port)).open()
    const client = await raw(second.port)
    await client.post(`/send/${id}/0`, 'x')
    const request = (path: string) => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n\0`
    const odd = request(`/idle/${id.slice(0, -1)}%20/1`)
    client.write(request(`/idle/${id}/1`) + request('/open/1').repeat(200) + odd)
    for (let answers = 0; answers < 201; answers++) expect((await client.receive()).status).toBe(200)
    expect((await client.receive()).status).toBe(404)
  })

  it('is answered where there is no path for a name', async () => {
    const colleagues = new UnixColleagues(() => {
      throw new Error('too long')
    })
    const { port } = await serve('n0', colleagues)
    expect((await (await raw(port)).post(`/send/${'x'.repeat(60)}/0`, 'x')).status).toBe(404)
  })
})

describe('a name', () => {
  it.each(['a b', '../x', 'thirteenchars'])('is not %s', name => {
    const options = { name, accept: () => {} }
    expect(() => new TunnelServer(options)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_TUNNEL_OPTION' }))
  })

  it('is needed where there are others', () => {
    const options = { colleagues: { handOver: () => false }, accept: () => {} }
    expect(() => new TunnelServer(options)).toThrow(expect.objectContaining({ code: 'RTMP_ERR_TUNNEL_OPTION' }))
  })
})
