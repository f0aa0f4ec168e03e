import type { BenchCase } from '../compliance.ts'
import assert from 'node:assert/strict'
import { closed, farEndGone } from '../byte-stream.ts'
import type { TransportBench } from '../transport-bench.ts'
import { turns } from '../turns.ts'
import { deadline, within } from '../within.ts'
import { echoes } from './endings.ts'

/** Listeners, what they tell, and how they stop. */
export const listeningCases: readonly BenchCase<TransportBench>[] = [
  {
    name: 'tells where it listens, on the port the system chose',
    async run(bench) {
      const { listener } = await bench.listen()
      const { address, port } = listener.address
      assert.notEqual(address, '')
      assert.ok(Number.isInteger(port) && port >= 0 && port <= 65_535, `port ${port}`)
      assert.equal(port > 0, !bench.lacks('ports'), `port ${port}`)
      assert.notEqual(listener.scheme, '')
      assert.notEqual(bench.subject.transport.name, '')
    },
  },
  {
    name: 'tells of each end who the other is',
    async run(bench) {
      const { listener, client, server } = await bench.connect()
      for (const { remote } of [client, server]) {
        assert.notEqual(remote.address, '')
        assert.equal(Number.isInteger(remote.port) && remote.port > 0, !bench.lacks('ports'), `port ${remote.port}`)
      }
      assert.equal(client.remote.port, listener.address.port)
      assert.equal(server.transport, listener.scheme)
      assert.equal(client.transport, listener.scheme)
      assert.equal(client.secure, server.secure)
      assert.ok(bench.subject.transport.schemes.includes(client.transport))
    },
  },
  {
    name: 'keeps two listeners apart',
    async run(bench) {
      const one = await bench.listen()
      const two = await bench.listen()
      const toTwo = await bench.dial(two.url)
      const atTwo = await two.accept()
      const toOne = await bench.dial(one.url)
      const atOne = await one.accept()
      await echoes(toTwo.stream, atTwo.stream)
      await echoes(toOne.stream, atOne.stream)
      for (const { stream } of [toOne, atOne]) stream.destroy()
      await one.listener.close()
      await echoes(toTwo.stream, atTwo.stream)
    },
  },
  {
    name: 'rejects dialling where nobody listens',
    async run(bench) {
      const { listener, url } = await bench.listen()
      await listener.close()
      await assert.rejects(bench.dial(url), isError)
    },
  },
  {
    name: 'close() stops accepting, waits for the open connections, and may be called again',
    async run(bench) {
      const { listener, url, accept, accepted } = await bench.listen()
      const client = await bench.dial(url)
      const server = await accept()
      let done = false
      let gone = false
      server.stream.once('close', () => (gone = true))
      const closing = listener.close().then(() => (done = true))
      await untilRefused(bench, url)
      await echoes(client.stream, server.stream)
      assert.equal(done, false, 'close() resolved while a connection was open')
      for (const { stream } of accepted.slice(1)) stream.destroy()
      for (const { stream } of [client, server]) stream.resume().end()
      await within('close()', closing)
      assert.ok(gone, 'close() resolved before the connection had closed')
      await within('close() again', listener.close())
    },
  },
  {
    name: 'stops accepting when the signal of listen() is aborted, and leaves open connections alone',
    async run(bench) {
      const abort = new AbortController()
      const { url, accept } = await bench.listen({ signal: abort.signal })
      const client = await bench.dial(url)
      const server = await accept()
      abort.abort()
      await untilRefused(bench, url)
      await echoes(client.stream, server.stream)
    },
  },
  {
    name: 'does not listen or dial when the signal is aborted already',
    async run(bench) {
      const { url } = await bench.listen()
      const signal = AbortSignal.abort(new Error('too late'))
      await assert.rejects(bench.listen({ signal }), isReason)
      await assert.rejects(bench.dial(url, { signal }), isReason)
    },
  },
  {
    name: 'gives up dialling when the signal is aborted, and leaves nothing open',
    async run(bench) {
      const { url, listener, accepted } = await bench.listen()
      const abort = new AbortController()
      const dialling = assert.rejects(bench.dial(url, { signal: abort.signal }), isReason)
      abort.abort(new Error('too late'))
      await dialling
      await turns(10)
      const closing = listener.close()
      for (const { stream } of accepted) {
        await farEndGone(stream)
        stream.destroy()
      }
      await within('close() after a dial that was given up', closing)
    },
  },
]

/** Dials until that is refused: stopping may take a moment, and a connection may slip in before it. */
async function untilRefused(bench: TransportBench, url: URL): Promise<void> {
  const patience = performance.now() + deadline.milliseconds
  while (performance.now() < patience) {
    const connection = await bench.dial(url).catch(isError)
    if (connection === true) return
    connection.stream.destroy()
    await closed(connection.stream)
  }
  assert.fail('went on accepting')
}

function isError(error: unknown): true {
  assert.ok(error instanceof Error, 'rejected with something that is not an Error')
  return true
}

/** `signal.reason` itself or an error caused by it. */
function isReason(error: unknown): true {
  isError(error)
  const { message, cause } = error as Error
  assert.ok([message, (cause as Error | undefined)?.message].includes('too late'), `rejected with ${message}`)
  return true
}
