import type { NatsConnection } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import { Link } from '../../src/nats/link.ts'

const quarter = 256 * 1024

/** A connection of which a test gives the answers. */
function fake({ takesCommands = true, maxPayload = 1024 * 1024 } = {}) {
  const published: [string, number][] = []
  const commands: Buffer[] = []
  const answers: (() => void)[] = []
  const connection = {
    info: { max_payload: maxPayload },
    publish: (subject: string, payload: Buffer) => void published.push([subject, payload.length]),
    flush: () => new Promise<void>(resolve => answers.push(resolve)),
    ...(takesCommands && { protocol: { sendCommand: (bytes: Buffer) => void commands.push(bytes) } }),
  }
  const address = { host: 'a', port: 4222, needsTls: false, tlsName: 'a' }
  const link = new Link(address, connection as unknown as NatsConnection, () => 0)
  const send = (length: number): ArrayBufferLike => {
    const memory = link.reserve('a.b', length)
    expect(link.send('a.b', memory)).toBe(true)
    return memory.buffer
  }
  return { link, published, commands, answers, send }
}

/** One frame in each turn. */
async function turns(send: (length: number) => ArrayBufferLike, count: number): Promise<Set<ArrayBufferLike>> {
  const used = new Set<ArrayBufferLike>()
  for (let turn = 0; turn < count; turn += 1) {
    used.add(send(quarter))
    await Promise.resolve()
  }
  return used
}

describe('a link', () => {
  it('hands frames to the library in the commands that they were written in', async () => {
    const { published, commands, send } = fake()
    await turns(send, 2)
    expect(commands.map(({ length }) => length)).toEqual(Array(2).fill(`PUB a.b ${quarter}\r\n\r\n`.length + quarter))
    expect(published).toEqual([])
  })

  it.each([
    ['where that takes no whole commands', { takesCommands: false }],
    ['of what is longer than the server allows, to be refused', { maxPayload: 2 }],
  ])('gives payloads to the library alone %s', async (_where, options) => {
    const { published, commands, send } = fake(options)
    send(3)
    await Promise.resolve()
    expect(published).toEqual([['a.b', 3]])
    expect(commands).toEqual([])
  })

  it('writes into memory again when all that was in it has been answered for, no sooner', async () => {
    const { link, answers, send } = fake()
    void link.flush()
    await turns(send, 1)
    const first = await turns(send, 16)
    void link.flush()
    const second = await turns(send, 16)
    const isUsed = (memory: ArrayBufferLike) => first.has(memory) || second.has(memory)
    // It was asked before any of that was sent.
    answers[0]?.()
    await Promise.resolve()
    const [...third] = await turns(send, 12)
    // That of now is not full yet.
    expect(third.slice(1).filter(isUsed)).toEqual([])
    for (const answer of answers.slice(1, 4)) answer()
    await Promise.resolve()
    const [...fourth] = await turns(send, 12)
    expect(fourth.some(memory => first.has(memory))).toBe(true)
  })
})
