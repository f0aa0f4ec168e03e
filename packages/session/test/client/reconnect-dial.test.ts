import { once } from 'node:events'
import { MemoryMessageTransport } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import { connect } from '../../src/client/connect.ts'
import type { MessageTransport } from '../../src/contract/transport.ts'
import { RtmpServer } from '../../src/server/rtmp-server.ts'

/** A transport whose second dial nobody answers, and nobody refuses, as over UDP. */
function answersOnce() {
  const memory = new MemoryMessageTransport()
  let dialled = (_signal: AbortSignal | undefined) => {}
  const silent = new Promise<AbortSignal | undefined>(resolve => (dialled = resolve))
  let dials = 0
  const transport: MessageTransport = {
    name: memory.name,
    schemes: memory.schemes,
    listen: (accept, options) => memory.listen(accept, options),
    dial(url, options) {
      dials += 1
      if (dials === 1) return memory.dial(url, options)
      const signal = options?.signal
      dialled(signal)
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      })
    },
  }
  return { transport, silent }
}

it('a client that closes while it connects again gives up its dial at once', async () => {
  const { transport, silent } = answersOnce()
  await using server = new RtmpServer({ transports: [transport] })
  const [listener] = await server.listen()
  const client = await connect(`memory://server:${listener?.address.port}/live`, { transports: [transport] })
  const publisher = await client.publish('name')
  const failures: Error[] = []
  client.on('reconnectFailed', error => failures.push(error))
  for (const connection of server.connections) connection.requestReconnect()
  const signal = await silent
  expect(signal?.aborted).toBe(false)
  const closed = once(publisher, 'close')
  await client.close()
  await closed
  expect([signal?.aborted, failures]).toEqual([true, []])
})
