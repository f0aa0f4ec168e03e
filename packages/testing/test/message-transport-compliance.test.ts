import { ChunkConnection, type RtmpMessage } from '@rtmpipe/chunk-stream'
import {
  connect,
  type Listener,
  type MessageConnection,
  type MessageTransport,
  RtmpServer,
  type TransportConnection,
} from '@rtmpipe/session'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryMessageTransport } from '../src/memory-message-transport.ts'
import { MemoryTransport } from '../src/memory-transport.ts'
import { messageTransportCompliance } from '../src/message-transport-compliance.ts'
import { sampleStream } from '../src/samples.ts'
import { send } from '../src/send.ts'
import { take } from '../src/take.ts'
import { messagePair } from '../src/message-pair.ts'
import { deadline } from '../src/within.ts'

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

describe('a transport that breaks the contract fails the case about it', () => {
  const patience = deadline.milliseconds
  beforeAll(() => void (deadline.milliseconds = 150))
  afterAll(() => void (deadline.milliseconds = patience))

  const mutants: [fault: string, name: string, says: string, harm: (near: MessageConnection) => void][] = [
    ['changes a timestamp', 'carries messages', 'came otherwise', near => changing(near, 'timestamp')],
    ['changes a stream id', 'carries messages', 'came otherwise', near => changing(near, 'messageStreamId')],
    ['sends a batch on stream 1', 'sends a batch', 'came otherwise', near => oneStream(near)],
    ['hides its end', 'either side', 'in vain', near => void (near.destroy = () => near)],
    ['loses last words', 'before end()', 'ended after', near => void (near.end = () => near.destroy())],
    ['never says no', 'holds a writer', 'reads nothing', near => greedy(near)],
    ['throws after its end', 'after the end', 'too late', near => strict(near)],
    ['counts nothing', 'counts bytes', 'queued', near => void Object.defineProperty(near, 'queuedBytes', { value: 0 })],
  ]

  it.each(mutants)('one that %s', async (_fault, name, says, harm) => {
    const cases = messageTransportCompliance.filter(one => one.name.includes(name))
    expect(cases).toHaveLength(1)
    const transport = new MemoryMessageTransport(() => {
      const pair = messagePair()
      pair.forEach(harm)
      return pair
    })
    await expect(cases[0]?.run(() => ({ transport, dialUrl }))).rejects.toThrow(says)
  })
})

function changing(near: MessageConnection, field: 'timestamp' | 'messageStreamId'): void {
  const push = near.push.bind(near)
  near.push = (message: RtmpMessage | null) => push(message && { ...message, [field]: 7 })
}

function oneStream(near: MessageConnection): void {
  const sendBatch = near.sendBatch.bind(near)
  near.sendBatch = batch => sendBatch(batch, 1)
}

function greedy(near: MessageConnection): void {
  near.write = ((message: RtmpMessage, taken?: () => void) => {
    near.send(message)
    taken?.()
    return true
  }) as MessageConnection['write']
}

function strict(near: MessageConnection): void {
  const send = near.send.bind(near)
  near.send = message => {
    if (near.destroyed) throw new Error('too late')
    send(message)
  }
}

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
