import { randomBytes } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import { replyMemory } from '../../src/server/reply-memory.ts'
import { cert, key, listening, opened } from '../support/bench.ts'

afterEach(() => void vi.restoreAllMocks())

it('is used again when it was given back, and not before', () => {
  const first = replyMemory.take(5_000)
  const second = replyMemory.take(8_000)
  expect(second.buffer).not.toBe(first.buffer)
  replyMemory.giveBack(first)
  const third = replyMemory.take(8_192)
  expect([third.buffer === first.buffer, third.length]).toEqual([true, 8_192])
  replyMemory.giveBack(second)
  replyMemory.giveBack(third)
})

it.each([10, 200_000])('%i bytes are not kept, nor what others made', length => {
  const bytes = replyMemory.take(length)
  replyMemory.giveBack(bytes)
  expect(replyMemory.take(length).buffer === bytes.buffer && length > 4_096).toBe(false)
  const foreign = Buffer.allocUnsafeSlow(8_192)
  replyMemory.giveBack(foreign)
  expect(replyMemory.take(8_192).buffer).not.toBe(foreign.buffer)
})

it('keeps no more pieces than a burst needs', () => {
  const pieces = Array.from({ length: 100 }, () => replyMemory.take(65_536))
  for (const piece of pieces) replyMemory.giveBack(piece)
  const again = new Set(Array.from({ length: 100 }, () => replyMemory.take(65_536).buffer))
  expect(pieces.filter(({ buffer }) => again.has(buffer))).toHaveLength(64)
})

it.each([
  ['HTTP', {}],
  ['HTTPS', { tls: { cert, key } }],
])('over %s answers and repeated answers are whole though all memory is overwritten at once', async (_, options) => {
  const giveBack = replyMemory.giveBack.bind(replyMemory)
  let given = 0
  vi.spyOn(replyMemory, 'giveBack').mockImplementation(bytes => {
    given += 1
    // Of the pieces that are its own: what Node shares must stay as it is.
    if (bytes.length >= 4_096) bytes.fill(0xdd)
    giveBack(bytes)
  })
  const bench = await listening({ idleHold: 10, mergeWindow: 0, ...options })
  const { client, id, stream } = await opened(bench)
  const other = await bench.raw()
  const parts = Array.from({ length: 30 }, (_part, index) => randomBytes(4_000 + 700 * index))
  for (const [sequence, part] of parts.entries()) {
    stream.write(part)
    const answer = await client.post(`/idle/${id}/${sequence}`)
    expect(answer.body.subarray(1).equals(part)).toBe(true)
    const before = Math.max(sequence - 1, 0)
    const repeated = await other.post(`/idle/${id}/${before}`)
    expect(repeated.body.subarray(1).equals(parts[before] as Buffer)).toBe(true)
  }
  expect(given).toBeGreaterThan(parts.length)
})
