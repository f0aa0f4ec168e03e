import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { addTunnelRoutes } from '../../src/server/add-tunnel-routes.ts'
import { ExchangeColleagues } from '../../src/server/exchange/exchange-colleagues.ts'
import { TunnelServer } from '../../src/server/tunnel-server.ts'
import { Accepted, closing, read } from '../support/bench.ts'
import { type Habit, HabitualClient } from '../support/habitual-client.ts'
import { RawClient } from '../support/raw-client.ts'
import { TestExchange } from '../support/test-exchange.ts'

/** Between the machines. */
interface TestClock {
  /** Milliseconds. */
  ahead: number
}

interface Machine {
  readonly sessions: TunnelServer
  readonly accepted: Accepted
  readonly port: number
}

async function serve(name: string, exchange: TestExchange, clock: TestClock): Promise<Machine> {
  const accepted = new Accepted()
  const colleagues = new ExchangeColleagues(exchange, () => performance.now() + clock.ahead)
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

interface Two {
  readonly exchange: TestExchange
  readonly clock: TestClock
  readonly first: Machine
  readonly second: Machine
}

async function two(): Promise<Two> {
  const [exchange, clock] = [new TestExchange(), { ahead: 0 }]
  const [first, second] = [await serve('n0', exchange, clock), await serve('n1', exchange, clock)]
  return { exchange, clock, first, second }
}

async function raw({ port }: Machine): Promise<RawClient> {
  const client = await RawClient.connect(port)
  onTestFinished(() => client.destroy())
  return client
}

function question(head: object, body = ''): Buffer {
  const text = Buffer.from(JSON.stringify(head))
  return Buffer.concat([Buffer.from([text.length >> 8, text.length & 0xff]), text, Buffer.from(body)])
}

const habits: [what: string, habit: Habit][] = [
  ['a connection for each request', { connections: 0 }],
  ['four connections in parallel, chunks, polls first', { connections: 4, chunked: true, polls: true }],
]

describe('requests that come to another machine in turn', () => {
  it.each(habits)('are exact, from a client with %s', async (_, habit) => {
    const { first, second } = await two()
    let turn = 0
    const client = new HabitualClient(habit, () => raw(turn++ % 2 === 0 ? first : second))
    const stream = first.accepted.nextStream()
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
    expect([first.sessions.size, second.sessions.size]).toEqual([0, 0])
  })

  it('are exact when messages between the machines get lost', async () => {
    const { exchange, clock, first, second } = await two()
    const id = await (await raw(first)).open()
    const client = await raw(second)
    const lose = () => {
      clock.ahead += 1_000
      return true
    }
    expect((await client.post(`/send/${id}/0`, 'a')).status).toBe(200)
    const { stream } = await first.accepted.next()
    exchange.losesQuestion = index => index === 1 && lose()
    expect((await client.post(`/send/${id}/1`, 'b')).status).toBe(200)
    exchange.losesAnswer = index => index === 2 && lose()
    expect((await client.post(`/send/${id}/2`, 'c')).status).toBe(200)
    expect(await read(stream, 3)).toBe('abc')
    stream.write('kept')
    exchange.losesAnswer = index => index === 4 && lose()
    expect((await client.post(`/idle/${id}/3`)).body.toString('latin1')).toBe('\x01kept')
    expect(exchange.questions).toHaveLength(4 + 3)
  })

  it('carry a body in parts, each when the one before has been read', async () => {
    const { exchange, clock, first, second } = await two()
    const id = await (await raw(first)).open()
    const client = await raw(second)
    const body = randomBytes(2_000_000)
    // The first answers to a part, and to the whole, get lost.
    const lost = new Set<number>()
    exchange.losesAnswer = (_, { length }) => {
      if (lost.has(length)) return false
      lost.add(length)
      clock.ahead += 1_000
      return true
    }
    const sent = client.post(`/send/${id}/0`, body)
    const { stream } = await first.accepted.next()
    const came: Buffer[] = []
    stream.on('data', (bytes: Buffer) => void came.push(bytes))
    expect((await sent).status).toBe(200)
    await vi.waitFor(() => expect(Buffer.concat(came).equals(body)).toBe(true))
    expect(exchange.questions.length).toBeGreaterThan(8)
    for (const { length } of exchange.questions) expect(length).toBeLessThan(280 * 1024)
    expect(lost.size).toBe(2)
  })
})

describe('a session of another machine', () => {
  it('begins there, with the address of who opened it, and its id in no name', async () => {
    const { exchange, first, second } = await two()
    const id = await (await raw(first)).open()
    const client = await raw(second)
    expect((await client.post(`/send/${id}/0`, 'x')).status).toBe(200)
    const { stream, remote } = await first.accepted.next()
    expect(remote).toEqual({ address: '127.0.0.1', port: client.socket.localPort })
    expect(await read(stream, 1)).toBe('x')
    expect([first.sessions.size, second.sessions.size]).toEqual([1, 0])
    expect([...exchange.names.keys()]).toEqual(['n0', 'n1'])
  })

  it('keeps what nobody could take: a client that leaves asks again', async () => {
    const { first, second } = await two()
    const id = await (await raw(first)).open()
    const stream = first.accepted.nextStream()
    const client = await raw(second)
    await client.post(`/send/${id}/0`, 'x')
    const take = vi.spyOn(first.sessions, 'take')
    client.send(`/idle/${id}/1`)
    await vi.waitFor(() => expect(take).toHaveBeenCalled())
    const handed = take.mock.calls[0]?.[0].post
    client.destroy()
    await vi.waitFor(() => expect(handed?.gone).toBe(true))
    stream.write('kept')
    const given = await raw(second)
    expect((await given.post(`/idle/${id}/1`)).body.toString('latin1')).toBe('\x01kept')
  })

  it('is told what is wrong with a request as its own machine would', async () => {
    const { first, second } = await two()
    const id = await (await raw(first)).open()
    const ask = async (path: string, body?: string) => (await (await raw(second)).post(path, body)).status
    expect(await ask(`/send/${id}/x`, 'x')).toBe(400)
    expect(await ask(`/idle/${id}/0`, 'x'.repeat(1_025))).toBe(413)
    expect(await ask(`/send/${id.slice(0, -3)}AAA/0`, 'x')).toBe(404)
    expect(await ask(`/send/other${id.slice(2)}/0`, 'x')).toBe(404)
    expect(await ask(`/send/${id}/0`, 'x'.repeat(4 * 1024 * 1024 + 1))).toBe(413)
    expect(await ask(`/close/${id}`)).toBe(200)
    expect([...(await (await raw(first)).post(`/send/${id}/0`, 'x')).body]).toEqual([0])
  })

  it('is gone with its machine, after a moment in which it might come back', async () => {
    const { exchange, clock, first, second } = await two()
    const id = await (await raw(first)).open()
    const client = await raw(second)
    await client.post(`/send/${id}/0`, 'x')
    const served = exchange.names.get('n0')
    exchange.names.delete('n0')
    const back = client.post(`/send/${id}/1`, 'y')
    await vi.waitFor(() => expect(exchange.questions.length).toBeGreaterThan(2))
    if (served !== undefined) exchange.names.set('n0', served)
    expect((await back).status).toBe(200)
    exchange.names.delete('n0')
    const before = exchange.questions.length
    const gone = client.post(`/send/${id}/2`, 'z')
    await vi.waitFor(() => expect(exchange.questions.length).toBeGreaterThan(before + 1))
    clock.ahead += 3_000
    expect((await gone).status).toBe(404)
    const later = exchange.questions.length
    expect((await (await raw(second)).post(`/send/${id}/2`, 'z')).status).toBe(404)
    expect(exchange.questions.length).toBe(later + 1)
  })

  it('may be asked for again while its machine does not answer', async () => {
    const { exchange, clock, first, second } = await two()
    const id = await (await raw(first)).open()
    exchange.losesQuestion = () => {
      clock.ahead += 2_500
      return true
    }
    expect((await (await raw(second)).post(`/send/${id}/0`, 'x')).status).toBe(503)
    exchange.losesQuestion = () => false
    expect((await (await raw(second)).post(`/send/${id}/0`, 'x')).status).toBe(200)
  })
})

describe('bytes of another machine', () => {
  const beginning = { kind: 'idle', id: 'x', number: '0', most: 1, origin: { address: '', port: 0, secure: false } }

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a head that is cut', Buffer.from([0, 9, 0x7b])],
    ['no JSON', Buffer.from([0, 1, 0x7b])],
    ['no object', question([])],
    ['no beginning', question({ request: 'r', part: 0, isLast: true })],
    ['a later part of what is not known', question({ request: 'r', part: 1, isLast: true, beginning })],
    ['an odd kind', question({ request: 'r', part: 0, isLast: true, beginning: { ...beginning, kind: 'open' } })],
    ['an odd id', question({ request: 'r', part: 0, isLast: true, beginning: { ...beginning, id: '../x' } })],
    ['no address', question({ request: 'r', part: 0, isLast: true, beginning: { ...beginning, origin: {} } })],
    ['room for nothing', question({ request: 'r', part: 0, isLast: true, beginning: { ...beginning, most: 0 } })],
    ['a part that is too long', question({ request: 'r', part: 0, isLast: true, beginning }, 'x'.repeat(262_145))],
  ])('are refused when they are %s', async (_, bytes) => {
    const { exchange, first } = await two()
    const take = vi.spyOn(first.sessions, 'take')
    const answers: number[] = []
    exchange.names.get('n0')?.(bytes, answer => answers.push(Buffer.from(answer).readUInt16BE(1)))
    expect(answers).toEqual([expect.toSatisfy(status => status === 400 || status === 503)])
    expect(take).not.toHaveBeenCalled()
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no status', Buffer.from([2])],
    ['an odd status', Buffer.from([2, 1, 0x2e])],
    ['an answer without a body', Buffer.from([2, 0, 200])],
    ['a text of several lines', Buffer.concat([Buffer.from([3, 1, 0x94]), Buffer.from('a\r\nb')])],
    ['more than was asked for', Buffer.concat([Buffer.from([2, 0, 200]), Buffer.alloc(300_000)])],
  ])('are no answer when they are %s', async (_, bytes) => {
    const { exchange, first, second } = await two()
    const id = await (await raw(first)).open()
    exchange.names.set('n0', (_question, answer) => answer(bytes))
    expect((await (await raw(second)).post(`/send/${id}/0`, 'x')).status).toBe(503)
  })
})
