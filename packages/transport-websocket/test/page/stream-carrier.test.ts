import { expect, it } from 'vitest'
import { StreamCarrier } from '../../src/page/stream-carrier.ts'

/** A carrier, what its peer sends, and what is told of it. */
function setUp(take: (bytes: Uint8Array) => void = () => {}) {
  let controller: ReadableStreamDefaultController<unknown> | undefined
  let pulled = 0
  const readable = new ReadableStream<unknown>(
    { start: given => void (controller = given), pull: () => void (pulled += 1) },
    { highWaterMark: 0 },
  )
  const closed = new Promise<{ readonly closeCode?: number }>(() => {})
  const opened = { protocol: 'rtmp', readable, writable: new WritableStream<Uint8Array>() }
  const carrier = new StreamCarrier({ opened: Promise.resolve(opened), closed, close: () => {} }, opened)
  const failures: Error[] = []
  carrier.begin({ message: take, fail: error => void failures.push(error), closed: () => {} })
  const settled = () => new Promise(resolve => setImmediate(resolve))
  return {
    carrier,
    failures,
    settled,
    send: (byte: number) => controller?.enqueue(Uint8Array.of(byte)),
    isWanted: () => pulled > 0,
  }
}

it('ends a connection whose bytes nobody can take, with the reason', async () => {
  const { failures, send, settled } = setUp(() => {
    throw new Error('not now')
  })
  send(1)
  await settled()
  expect(failures.map(({ message }) => message)).toEqual(['not now'])
})

it('reads what is left when it is cut, so that the goodbye behind it is seen', async () => {
  const { carrier, send, settled, isWanted } = setUp(() => carrier.pause())
  send(1)
  await settled()
  carrier.terminate()
  await settled()
  expect(isWanted()).toBe(true)
})
