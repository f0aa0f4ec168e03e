import { MessageBatch, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageConnection } from '@rtmpipe/session'
import assert from 'node:assert/strict'
import type { BenchCase } from './compliance.ts'
import type { MessageTransportBench } from './message-transport-bench.ts'
import { samples, sampleStream } from './samples.ts'
import { take } from './take.ts'
import { until, within } from './within.ts'

/** What a message transport carries, and how its connections end. */
export const messageTransportCases: readonly BenchCase<MessageTransportBench>[] = [
  {
    name: 'carries messages both ways as they are, each kind of a stream in order',
    async run(bench) {
      const { client, server } = await bench.connect()
      const sent = on(1, sampleStream(20, 100))
      const arrived = [received(server, sent.length), received(client, sent.length)]
      for (const message of sent) {
        client.send(message)
        server.send(message)
      }
      for (const messages of await Promise.all(arrived)) assertSame(messages, sent)
    },
  },
  {
    name: 'carries a message of a megabyte',
    async run(bench) {
      const { client, server } = await bench.connect()
      const sent = on(1, [samples.keyframe(0, 1_000_000)])
      const arrived = received(server, 1)
      client.write(sent[0])
      assertSame(await arrived, sent)
    },
  },
  {
    name: 'sends a batch on the message stream that is asked for, to each connection',
    async run(bench) {
      const listening = await bench.listen()
      const pairs = [await bench.greet(listening), await bench.greet(listening)]
      const batch = new MessageBatch(sampleStream(3))
      for (const [index, { client, server }] of pairs.entries()) {
        const arrived = received(client, batch.messages.length)
        server.sendBatch(batch, index + 1)
        assertSame(await arrived, on(index + 1, batch.messages))
      }
    },
  },
  {
    name: 'keeps a command behind what was sent on its stream before it',
    async run(bench) {
      const { client, server } = await bench.connect()
      const command = { ...samples.metadata(), messageTypeId: MessageType.CommandAmf0 }
      const sent = on(1, [...sampleStream(10, 100), command])
      const arrived = received(server, sent.length)
      for (const message of sent) client.send(message)
      assert.equal((await arrived).at(-1)?.messageTypeId, MessageType.CommandAmf0, 'a command overtook media')
    },
  },
  {
    name: 'holds a writer while the far end reads nothing, and loses nothing',
    async run(bench) {
      const { client, server } = await bench.connect()
      const sent = on(
        1,
        Array.from({ length: 400 }, (_, index) => samples.keyframe(index, 50_000)),
      )
      let taken = 0
      for (const message of sent) client.write(message, () => (taken += 1))
      await within('the first messages', new Promise<void>(resolve => server.once('readable', resolve)))
      assert.ok(taken < sent.length, 'it took everything for a far end that reads nothing')
      assertSame(await received(server, sent.length), sent)
    },
  },
  {
    name: 'counts bytes, and none is queued once they have arrived',
    async run(bench) {
      const { client, server } = await bench.connect()
      const before = server.bytesReceived
      const arrived = received(server, 1)
      client.send({ ...samples.keyframe(0, 100_000), messageStreamId: 1 })
      assert.ok(client.queuedBytes > 0, 'nothing is queued right after it was sent')
      await arrived
      await until('queuedBytes to be 0', () => client.queuedBytes === 0)
      assert.ok(client.bytesSent >= 100_000, 'bytesSent is less than what was sent')
      assert.ok(server.bytesReceived - before >= 100_000, 'bytesReceived is less than what has come')
    },
  },
  {
    name: 'delivers what was sent before end(), then ends',
    async run(bench) {
      for (const isDialled of [true, false]) {
        const { client, server } = await bench.connect()
        const [near, far] = isDialled ? [client, server] : [server, client]
        const sent = on(1, sampleStream(10, 100))
        const arrived = received(far, sent.length)
        for (const message of sent) near.send(message)
        near.end()
        assertSame(await arrived, sent)
        await ended(far)
        far.end()
        await Promise.all([closed(near), closed(far)])
      }
    },
  },
  {
    name: 'lets either side see that the other is destroyed, without its error',
    async run(bench) {
      for (const isDialled of [true, false]) {
        const { client, server } = await bench.connect()
        const [near, far] = isDialled ? [client, server] : [server, client]
        const gone = farEndGone(far)
        near.destroy(new Error('thrown out'))
        await gone
        assert.notEqual(far.errored?.message, 'thrown out', 'an error crossed to the far end')
      }
    },
  },
  {
    name: 'sends nothing, and throws nothing, after the end',
    async run(bench) {
      const { client } = await bench.connect()
      client.destroy()
      client.send(samples.audio(1))
      client.sendBatch(new MessageBatch([samples.audio(2)]), 1)
      assert.equal(client.queuedBytes, 0)
    },
  },
  {
    name: 'ends one connection without touching another',
    async run(bench) {
      const listening = await bench.listen()
      const first = await bench.greet(listening)
      const second = await bench.greet(listening)
      const gone = farEndGone(first.server)
      first.client.destroy()
      await gone
      const arrived = received(second.server, 1)
      second.client.send({ ...samples.audio(1), messageStreamId: 1 })
      await arrived
    },
  },
  {
    name: 'says who the other end is',
    async run(bench) {
      const { url, accept, listener } = await bench.listen()
      const dialled = await bench.dial(url)
      dialled.messages.send(samples.metadata())
      const accepted = await accept()
      for (const { transport, remote, secure } of [dialled, accepted]) {
        assert.ok(bench.subject.transport.schemes.includes(transport), `${transport} is none of its schemes`)
        assert.notEqual(remote.address, '')
        assert.equal(typeof secure, 'boolean')
      }
      assert.ok(bench.subject.transport.schemes.includes(listener.scheme), `${listener.scheme} is none of its schemes`)
    },
  },
  {
    name: 'close() stops accepting, and resolves when every connection has closed',
    async run(bench) {
      const { client, server, listener, url } = await bench.connect()
      let isClosed = false
      const closing = listener.close().then(() => (isClosed = true))
      await assert.rejects(bench.dial(url))
      assert.equal(isClosed, false, 'close() resolved while a connection was open')
      client.destroy()
      server.destroy()
      await within('close()', closing)
    },
  },
  {
    name: 'stops accepting when the signal of listen() is aborted; connections live on',
    async run(bench) {
      const controller = new AbortController()
      const listening = await bench.listen({ signal: controller.signal })
      const { client, server } = await bench.greet(listening)
      controller.abort()
      await assert.rejects(bench.dial(listening.url))
      const arrived = received(server, 1)
      client.send({ ...samples.audio(1), messageStreamId: 1 })
      await arrived
    },
  },
  {
    name: 'rejects dial() with a signal that is aborted, before and while it dials',
    async run(bench) {
      const { url } = await bench.listen()
      await assert.rejects(bench.dial(url, { signal: AbortSignal.abort(new Error('no more')) }), /no more/)
      const controller = new AbortController()
      const dialling = bench.dial(url, { signal: controller.signal })
      controller.abort(new Error('no more'))
      await assert.rejects(dialling, /no more/)
    },
  },
  {
    name: 'destroys a dialled connection when its signal is aborted',
    async run(bench) {
      const controller = new AbortController()
      const { client } = await bench.connect({ signal: controller.signal })
      const gone = closed(client)
      controller.abort()
      await gone
    },
  },
]

function on(messageStreamId: number, messages: readonly RtmpMessage[]): RtmpMessage[] {
  return messages.map(message => ({ ...message, messageStreamId }))
}

function received(messages: MessageConnection, count: number): Promise<RtmpMessage[]> {
  const arriving = within(`${count} messages`, take(messages, count))
  // A case that has failed before it waits for them does not want them any more.
  arriving.catch(() => {})
  return arriving
}

/** Messages of one kind must come in order; those of different kinds may overtake one another. */
function assertSame(actual: readonly RtmpMessage[], expected: readonly RtmpMessage[]): void {
  for (const type of new Set(expected.map(({ messageTypeId }) => messageTypeId))) {
    assert.deepEqual(summary(actual, type), summary(expected, type), `messages of type ${type} came otherwise`)
  }
  assert.equal(actual.length, expected.length)
}

function summary(messages: readonly RtmpMessage[], type: number): string[] {
  return messages
    .filter(({ messageTypeId }) => messageTypeId === type)
    .map(it => `${it.messageStreamId} ${it.timestamp} ${it.payload.length} ${it.payload.toString('latin1')}`)
}

async function ended(messages: MessageConnection): Promise<void> {
  messages.resume()
  if (!messages.readableEnded) await within('the end', new Promise(resolve => messages.once('end', resolve)))
}

async function closed(messages: MessageConnection): Promise<void> {
  messages.resume()
  if (!messages.closed) await within('a connection to close', new Promise(resolve => messages.once('close', resolve)))
}

async function farEndGone(messages: MessageConnection): Promise<void> {
  messages.resume()
  await within(
    'a connection to see that its far end is gone',
    new Promise<void>(resolve => messages.once('end', resolve).once('close', resolve)),
  )
}
