import type { NatsConnection } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import { Link } from '../../src/nats/link.ts'

describe('a link', () => {
  it('gives payloads to the library alone where that takes no whole commands', () => {
    const published: [string, Buffer][] = []
    const connection = {
      publish: (subject: string, payload: Buffer) => void published.push([subject, payload]),
      flush: () => Promise.resolve(),
    }
    const link = new Link(
      { host: 'a', port: 4222, needsTls: false, tlsName: 'a' },
      connection as unknown as NatsConnection,
      () => 0,
    )
    const memory = link.reserve('a.b', 3)
    memory.write('abc')
    expect(link.send('a.b', memory)).toBe(true)
    expect(published).toEqual([['a.b', Buffer.from('abc')]])
  })
})
