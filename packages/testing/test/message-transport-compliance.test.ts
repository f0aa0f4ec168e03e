import { ChunkConnection } from '@rtmpipe/chunk-stream'
import { connect, type Listener, type MessageTransport, RtmpServer, type TransportConnection } from '@rtmpipe/session'
import { describe, expect, it } from 'vitest'
import { MemoryMessageTransport } from '../src/memory-message-transport.ts'
import { MemoryTransport } from '../src/memory-transport.ts'
import { messageTransportCompliance } from '../src/message-transport-compliance.ts'
import { sampleStream } from '../src/samples.ts'
import { send } from '../src/send.ts'
import { take } from '../src/take.ts'

const dialUrl = ({ address }: Listener) => new URL(`memory://server:${address.port}`)

describe('messages in memory', () => {
  it.each(messageTransportCompliance)('$name', ({ run }) =>
    run(() => ({ transport: new MemoryMessageTransport(), dialUrl })),
  )
})

describe('chunk streams lifted to messages', () => {
  it.each(messageTransportCompliance)('$name', ({ run }) => run(() => ({ transport: lifted(), dialUrl })))
})

it('a message transport stands among the transports of a server and of connect()', async () => {
  const transports = [new MemoryMessageTransport()]
  const server = new RtmpServer({ transports, mergeWindow: 0 })
  const [listener] = await server.listen()
  const url = `memory://server:${listener?.address.port}/live`
  const player = await (await connect(url, { transports })).play('name')
  const publishing = await connect(url, { transports })
  const sent = sampleStream(10)
  const received = take(player, sent.length)
  await send(await publishing.publish('name'), sent)
  expect(await received).toHaveLength(sent.length)
  expect([...server.connections].map(({ transport }) => transport)).toEqual(['memory', 'memory'])
  await publishing.close()
  await server.close()
})

function lifted(): MessageTransport {
  const bytes = new MemoryTransport()
  const lift = (connection: TransportConnection, role: 'server' | 'client') => {
    const { stream, ...peer } = connection
    return { ...peer, messages: new ChunkConnection(stream, { role }) }
  }
  return {
    name: 'memory',
    schemes: ['memory'],
    listen: (accept, options) => bytes.listen(connection => accept(lift(connection, 'server')), options),
    dial: async (url, options) => lift(await bytes.dial(url, options), 'client'),
  }
}
