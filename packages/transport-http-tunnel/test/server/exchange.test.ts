import { randomBytes } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { ExchangeColleagues } from '../../src/server/exchange/exchange-colleagues.ts'
import { read } from '../support/bench.ts'
import { handOverCases } from '../support/hand-over-cases.ts'
import { TestExchange } from '../support/test-exchange.ts'
import { type TunnelProcess, tunnelProcess } from '../support/tunnel-process.ts'

/** Between the machines. */
interface TestClock {
  /** Milliseconds. */
  ahead: number
}

function machine(name: string, exchange: TestExchange, clock: TestClock): Promise<TunnelProcess> {
  return tunnelProcess(name, new ExchangeColleagues(exchange, () => performance.now() + clock.ahead))
}

interface Two {
  readonly exchange: TestExchange
  readonly clock: TestClock
  readonly first: TunnelProcess
  readonly second: TunnelProcess
}

async function two(): Promise<Two> {
  const [exchange, clock] = [new TestExchange(), { ahead: 0 }]
  const [first, second] = [await machine('n0', exchange, clock), await machine('n1', exchange, clock)]
  return { exchange, clock, first, second }
}

function question(head: object, body = ''): Buffer {
  const text = Buffer.from(JSON.stringify(head))
  return Buffer.concat([Buffer.from([text.length >> 8, text.length & 0xff]), text, Buffer.from(body)])
}

describe('ExchangeColleagues', () => {
  it.each(handOverCases)('%s', async (_, run) => {
    const { exchange, first, second } = await two()
    await run([first, second])
    // The ids of sessions are secret: they are in no name.
    expect([...exchange.names.keys()]).toEqual(['n0', 'n1'])
  })
})

describe('requests that come to another machine', () => {
  it('are exact when messages between the machines get lost', async () => {
    const { exchange, clock, first, second } = await two()
    const id = await (await first.raw()).open()
    const client = await second.raw()
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
    const id = await (await first.raw()).open()
    const client = await second.raw()
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
  it('is gone with its machine, after a moment in which it might come back', async () => {
    const { exchange, clock, first, second } = await two()
    const id = await (await first.raw()).open()
    const client = await second.raw()
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
    expect((await (await second.raw()).post(`/send/${id}/2`, 'z')).status).toBe(404)
    expect(exchange.questions.length).toBe(later + 1)
  })

  it('may be asked for again while its machine does not answer', async () => {
    const { exchange, clock, first, second } = await two()
    const id = await (await first.raw()).open()
    exchange.losesQuestion = () => {
      clock.ahead += 2_500
      return true
    }
    expect((await (await second.raw()).post(`/send/${id}/0`, 'x')).status).toBe(503)
    exchange.losesQuestion = () => false
    expect((await (await second.raw()).post(`/send/${id}/0`, 'x')).status).toBe(200)
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
    const id = await (await first.raw()).open()
    exchange.names.set('n0', (_question, answer) => answer(bytes))
    expect((await (await second.raw()).post(`/send/${id}/0`, 'x')).status).toBe(503)
  })
})
