import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listening, opened, read, routed } from '../support/bench.ts'
import type { RawClient } from '../support/raw-client.ts'

function request(path: string, body: string, ...more: string[]): string {
  return [`POST ${path} HTTP/1.1`, 'Host: x', `Content-Length: ${body.length}`, ...more, '', body].join('\r\n')
}

/** What a client sees of an answer. */
async function seen(client: RawClient): Promise<string> {
  const { status, head, body } = await client.receive()
  const lines = head.split('\r\n').filter(line => /^(Content-|Cache-|Connection)/.test(line))
  return [status, ...lines.sort(), body.toString('latin1').replace(/^\w{24,63}\n$/, 'an id')].join('|')
}

type Step = 'send' | 'idle' | 'idel' | 'open' | 'ident' | 'nobody' | 'chunked' | 'long'

const steps: Record<Step, (id: string, sequence: number) => string> = {
  send: (id, sequence) => request(`/send/${id}/${sequence}`, `${sequence};`),
  long: (id, sequence) => request(`/send/${id}/${sequence}`, `${sequence};`.padEnd(3_000, '.')),
  idle: (id, sequence) => request(`/idle/${id}/${sequence}`, '\0'),
  idel: (id, sequence) => request(`/idel/${id}/${sequence}`, '\0', 'X-Odd: 1'),
  open: () => request('/open/1', '\0'),
  ident: () => request('/fcs/ident2', '\0'),
  nobody: () => request('/close', '\0'),
  // Not plain: from here on the connection is Node's.
  chunked: (id, sequence) =>
    `POST /idle/${id}/${sequence} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\0\r\n0\r\n\r\n`,
}

/** Makes the requests in pieces of these lengths, all on one connection; resolves with what was answered, and read. */
async function conversation(
  bench: Awaited<ReturnType<typeof routed>>,
  plan: readonly Step[],
  pieces: readonly number[],
): Promise<string[]> {
  const client = await bench.raw()
  const id = await client.open()
  const stream = bench.accepted.nextStream()
  stream.write('begin')
  let sequence = 0
  const bytes = plan
    .map(step => steps[step](id, step === 'open' || step === 'ident' || step === 'nobody' ? 0 : sequence++))
    .join('')
  for (let at = 0, piece = 0; at < bytes.length; piece++) {
    const end = at + (pieces[piece % pieces.length] as number)
    client.socket.write(Buffer.from(bytes.slice(at, end), 'latin1'))
    await new Promise(resolve => setImmediate(resolve))
    at = end
  }
  const answers: string[] = []
  for (const _ of plan) answers.push(await seen(client))
  const sent = plan.filter(step => step === 'send' || step === 'long').length
  let text = ''
  for (let length = 0; sent > 0 && text.split(';').length <= sent; length++) text += await read(stream, 1)
  client.destroy()
  return [...answers, text.replaceAll('.', '')]
}

describe('requests that are read here', () => {
  it('are answered as those that Node reads, however they come', async () => {
    const [quick, slow] = [await listening({ idleHold: 10 }), await routed({ idleHold: 10 })]
    const names = Object.keys(steps) as Step[]
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }),
        async (steps, pieces) => {
          // With the first the session begins.
          const plan: Step[] = ['send', ...steps]
          const answers = await conversation(quick, plan, pieces)
          expect(answers).toEqual(await conversation(slow, plan, pieces))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('lose nothing of what comes while Node waits for its turn, and a session reads on', async () => {
    const bench = await listening({ idleHold: 400, maxParkedRequests: 64 })
    const [{ client, id }, other] = [await opened(bench), await opened(bench)]
    await client.post(`/send/${id}/0`, 'x')
    await other.client.post(`/send/${other.id}/0`, 'x')
    // Node reads this one: a header without a value is not plain.
    const nodes = request('/fcs/ident2', '', 'X-Odd:')
    // Many wait for a number that is missing, so that no more are read. The last is a poll that is held.
    const numbers = Array.from({ length: 40 }, (_, index) => index + 2)
    const polls = numbers.map(number => request(`/idle/${id}/${number}`, '\0'))
    client.socket.write([...polls, request(`/idle/${other.id}/1`, '\0'), nodes].join(''))
    await new Promise(resolve => setTimeout(resolve, 30))
    client.socket.write(nodes)
    other.client.send(`/idle/${id}/1`)
    for (const _ of polls) expect((await client.receive()).status).toBe(200)
    client.socket.write(nodes)
    expect((await client.receive()).status).toBe(200)
    for (let answers = 0; answers < 3; answers++) expect((await client.receive()).status).toBe(404)
  })

  it('leave the order of answers as it is, whoever gives them', async () => {
    const { client, id, stream } = await opened(await listening())
    client.socket.write(request(`/idle/${id}/0`, '\0') + request('/open/1', '\0') + request(`/send/${id}/1`, 'x'))
    expect(await read(stream, 1)).toBe('x')
    expect((await client.receive()).body.toString('latin1')).toBe('\x01')
    expect((await client.receive()).body.toString('latin1')).toMatch(/^\w+\n$/)
    expect((await client.receive()).body.toString('latin1')).toBe('\x01')
  })

  it('come on a connection that is Node’s once something else has come, behind what was asked before', async () => {
    const { client, id, stream } = await opened(await listening())
    client.socket.write(`${request(`/idle/${id}/0`, '\0')}GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n`)
    stream.write('media')
    expect((await client.receive()).body.toString('latin1')).toBe('\x01media')
    expect((await client.receive()).status).toBe(404)
  })

  it('may be garbage behind those that are not', async () => {
    const { client, id } = await opened(await listening({ idleHold: 10 }))
    client.socket.write(`${request(`/idle/${id}/0`, '\0')}\x16\x03\x01 garbage\r\n\r\n`)
    expect((await client.receive()).status).toBe(200)
    await client.ended()
  })

  it.each(['', 'POST /op', 'POST /open/1 HTTP/1.1\r\nHost: x\r\n'])(
    'have a deadline for their head: %j',
    async text => {
      const { raw } = await listening({ headersTimeout: 60 })
      const client = await raw()
      client.socket.write(text)
      await client.ended()
      expect(client.unread === 0 || (await client.receivedAtLeast(1)).toString().startsWith('HTTP/1.1 408')).toBe(true)
    },
  )

  it('are as many as a client reads answers to', async () => {
    const bench = await listening()
    const { client } = await opened(bench)
    client.socket.pause()
    const opening = request('/open/1', '\0').repeat(1_000)
    let written = 0
    let isFull = false
    client.socket.on('drain', () => (isFull = false))
    // Both buffers of the system take some MB.
    for (; written < 200 && !isFull; written++) {
      isFull = !client.socket.write(opening)
      if (isFull) await new Promise(resolve => setTimeout(resolve, 30))
    }
    expect(isFull).toBe(true)
    expect(bench.accepted.all.length).toBeLessThan(written * 1_000)
  })

  it('are cut short by the end of the connection, and nothing of them stays', async () => {
    const { client, id, stream } = await opened(await listening())
    client.socket.write(`POST /send/${id}/0 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234`)
    expect(await read(stream, 5)).toBe('01234')
    client.destroy()
    const bench = await listening()
    const other = await opened(bench)
    other.client.socket.write('POST /idle/')
    other.client.socket.end()
    await other.client.ended()
  })
})

describe('the end of a server', () => {
  it('ends connections on which nobody asks, at once', async () => {
    const { listener, raw } = await listening()
    const client = await raw()
    const asked = performance.now()
    await Promise.all([listener.close(), client.ended()])
    // Those that do nothing else are given a second.
    expect(performance.now() - asked).toBeLessThan(900)
  })
})
